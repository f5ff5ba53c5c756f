import Core
import Store

/// Takes what other programs publish to an exchange out of a durable queue.
final class RabbitQueueRole: RabbitRole {
    /// How many messages are taken before they are settled.
    private static let prefetch: UInt16 = 32
    /// How many dead letters are kept.
    private static let deadLetters: Int64 = 10_000

    private let bus: RabbitBus.Configuration
    private let queue: RabbitQueue.Configuration
    private let encoding: EventEncoding
    /// Holds as many as the server sends before the first is settled, and those of connections before.
    private let deliveries: AsyncStream<RabbitDelivery>.Continuation
    private var connection = 0
    private var channel: RabbitChannel?

    init(
        _ bus: RabbitBus.Configuration, _ queue: RabbitQueue.Configuration,
        _ deliveries: AsyncStream<RabbitDelivery>.Continuation
    ) {
        self.bus = bus
        self.queue = queue
        self.deliveries = deliveries
        encoding = EventEncoding(key: bus.key, epoch: bus.epoch)
    }

    func opened(_ channel: RabbitChannel) throws(RabbitError) {
        try channel.declareTopicExchange(bus.exchange)
        let dead = queue.name + ".dead"
        try channel.declareQueue(dead, [("x-max-length", .integer(Self.deadLetters))])
        try channel.declareQueue(
            queue.name,
            [
                ("x-dead-letter-exchange", .text("")), ("x-dead-letter-routing-key", .text(dead)),
                ("x-max-length", .integer(Int64(bus.queueLimit))),
            ])
        for key in queue.bindings { try channel.bind(queue: queue.name, exchange: bus.exchange, key: key) }
        connection += 1
        self.channel = channel
        try channel.consume(queue: queue.name, prefetch: Self.prefetch)
    }

    func received(_ input: RabbitChannel.Input, on channel: RabbitChannel) throws(RabbitError) {
        switch input {
        case .confirmation, .message: break
        case .consumerCancelled: throw RabbitError(.unavailable, "RabbitMQ removed the queue \(queue.name)")
        case .delivery(var delivery):
            // This system's own events come by here, too.
            if let body = delivery.body, isOwn(body) { return try channel.settle(delivery.tag, isAccepted: true) }
            delivery.connection = connection
            deliveries.yield(delivery)
        }
    }

    private func isOwn(_ body: [UInt8]) -> Bool {
        do {
            _ = try encoding.event(body)
            return true
        } catch {
            return false
        }
    }

    /// Nothing happens if the connection that brought it has gone: the server delivers it again.
    func settle(_ delivery: RabbitDelivery, isAccepted: Bool) throws(RabbitError) {
        guard let channel, delivery.connection == connection else { return }
        try channel.settle(delivery.tag, isAccepted: isAccepted)
    }

    func inputEnded() {}
    func deadline(at now: Duration) -> Duration? { nil }
    func lost(_ error: RabbitError) { channel = nil }
}
