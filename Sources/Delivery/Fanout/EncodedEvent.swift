import Store

/// An event as the shards handle it: encoded once, shared by all its receivers.
struct EncodedEvent: Sendable {
    let number: Int64
    let topic: String
    /// `nil` for everybody who sees the topic.
    let audience: Audience?
    let message: Message
    let change: AccessChange?

    init(_ event: Event, epoch: String, audience: Audience?) {
        number = event.number
        topic = event.topic
        self.audience = audience
        change = AccessChange(event)
        message = Message(cursor: Cursor(epoch: epoch, number: event.number), data: event.payload, time: event.time)
    }
}
