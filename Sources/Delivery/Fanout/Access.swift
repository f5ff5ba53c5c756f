/// A policy's answer: the topics that may be seen, and for how long that holds before it must be asked again.
package struct Access: Sendable, Equatable {
    package let topics: [String]
    package let validity: Duration
    /// Whether the session through which the principal came has ended, and its streams with it.
    package let isSignedOut: Bool

    package init(topics: [String], validity: Duration) { self.init(topics, validity, isSignedOut: false) }

    private init(_ topics: [String], _ validity: Duration, isSignedOut: Bool) {
        self.topics = topics
        self.validity = validity
        self.isSignedOut = isSignedOut
    }

    /// The session of the principal has ended.
    package static let signedOut = Access([], .zero, isSignedOut: true)

    /// For how long to rely on it: a random part of the time for which it holds, so that streams that were opened together don't
    /// all ask again together. A time that is short anyway, compared with the heartbeats at which renewals begin, is used whole.
    package func spreadValidity(heartbeat: Duration) -> Duration {
        validity >= heartbeat * 5 ? validity * Double.random(in: 0.6...1) : validity
    }
}
