/// What the subscribers of one topic are sent in one turn, encoded for each transport that some of them use.
struct Delivery {
    let toEventStreams: [UInt8]
    let toWebSockets: [UInt8]

    init(_ message: Message, to topic: TopicSubscribers) {
        toEventStreams = message.eventStreamFrame
        toWebSockets = topic.webSockets > 0 ? message.webSocketFrame : []
    }

    /// Several messages, joined once for all that receive them.
    init(_ messages: [Message], to topic: TopicSubscribers) {
        toEventStreams = topic.webSockets < topic.subscribers.count ? messages.joined(\.eventStreamFrame) : []
        toWebSockets = topic.webSockets > 0 ? messages.joined(\.webSocketFrame) : []
    }
}

extension [Message] {
    fileprivate func joined(_ frame: (Message) -> [UInt8]) -> [UInt8] {
        var joined: [UInt8] = []
        for message in self { joined += frame(message) }
        return joined
    }
}
