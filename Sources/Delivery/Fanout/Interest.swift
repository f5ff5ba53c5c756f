/// The topics that a stream asks for.
package enum Interest: Sendable, Equatable {
    /// Exactly these topics.
    case topics([String])
    /// Every topic that the principal may see and whose name begins with one of these prefixes, now and later: topics
    /// come and go as access is granted and revoked.
    case following([String])

    func includes(_ topic: String) -> Bool {
        switch self {
        case .topics(let topics): topics.contains(topic)
        case .following(let prefixes): prefixes.contains { topic.hasPrefix($0) }
        }
    }
}
