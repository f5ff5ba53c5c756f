/// A policy's answer: the topics that may be seen, what of them, and for how long that holds before it must be asked again.
package struct Access: Sendable, Equatable {
    package let topics: [String]
    private let views: [String: TopicView]
    package let validity: Duration
    /// Whether the session through which the principal came has ended, and its streams with it.
    package let isSignedOut: Bool

    /// - Parameter views: what may be seen of topics of which not everything may.
    package init(topics: [String], views: [String: TopicView] = [:], validity: Duration) {
        self.init(topics, views, validity, isSignedOut: false)
    }

    private init(_ topics: [String], _ views: [String: TopicView], _ validity: Duration, isSignedOut: Bool) {
        self.topics = topics
        self.views = views
        self.validity = validity
        self.isSignedOut = isSignedOut
    }

    /// The session of the principal has ended.
    package static let signedOut = Access([], [:], .zero, isSignedOut: true)

    /// What may be seen of one of the topics.
    package func view(of topic: String) -> TopicView { views[topic] ?? .everything }

    /// For how long to rely on it: a random part of the time for which it holds, so that streams that were opened together don't
    /// all ask again together. A time that is short anyway, compared with the heartbeats at which renewals begin, is used whole.
    package func spreadValidity(heartbeat: Duration) -> Duration {
        validity >= heartbeat * 5 ? validity * Double.random(in: 0.6...1) : validity
    }
}
