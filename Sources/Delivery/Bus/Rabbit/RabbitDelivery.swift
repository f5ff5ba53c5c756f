/// A message that another program has put into a durable queue.
package struct RabbitDelivery: Sendable {
    /// `nil` if it was too long.
    package internal(set) var body: [UInt8]?
    package let routingKey: String
    /// The sender's name for the message, if it gave it one.
    package internal(set) var messageID: String?
    /// Those of its headers that are texts.
    package internal(set) var headers: [String: String] = [:]
    /// Whether it may have been delivered before.
    package let isRedelivered: Bool
    /// What settles it, on the connection that brought it.
    let tag: UInt64
    /// Which of the reader's connections that was.
    var connection = 0

    init(routingKey: String, isRedelivered: Bool, tag: UInt64) {
        self.routingKey = routingKey
        self.isRedelivered = isRedelivered
        self.tag = tag
    }
}
