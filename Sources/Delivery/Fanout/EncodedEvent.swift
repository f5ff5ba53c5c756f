import Store

/// An event as the shards handle it: encoded once, shared by all its receivers.
struct EncodedEvent: Sendable {
    let number: Int64
    let topic: String
    let message: Message
    let change: AccessChange?

    init(_ event: Event, epoch: String) {
        number = event.number
        topic = event.topic
        change = AccessChange(event)
        message = Message(cursor: Cursor(epoch: epoch, number: event.number), data: event.payload, time: event.time)
    }
}
