/// A policy's answer: the topics that may be seen, and for how long that holds before it must be asked again.
package struct Access: Sendable, Equatable {
    package let topics: [String]
    package let validity: Duration

    package init(topics: [String], validity: Duration) {
        self.topics = topics
        self.validity = validity
    }

    package static let none = Access(topics: [], validity: .zero)
}
