import Core
import Store

/// Takes messages from a durable queue and settles them when told to.
final class RabbitWorker: RabbitRole {
    /// A message, and which connection it came over: it can only be settled there.
    struct Delivery: Sendable {
        let message: RabbitMessage
        let connection: Int
    }

    private let configuration: RabbitWorkQueue.Configuration
    private let deliver: (Delivery) -> Void
    private var connection = 0

    init(_ configuration: RabbitWorkQueue.Configuration, deliver: @escaping (Delivery) -> Void) {
        self.configuration = configuration
        self.deliver = deliver
    }

    enum Outcome: Sendable {
        case done
        case again
        /// To the dead letters.
        case never
    }

    func settle(_ delivery: Delivery, _ outcome: Outcome, on channel: RabbitChannel?) throws(RabbitError) {
        // What came over a lost connection has gone back to the queue already.
        guard let channel, delivery.connection == connection else { return }
        switch outcome {
        case .done: try channel.acknowledge(delivery.message.tag)
        case .again: try channel.reject(delivery.message.tag, requeue: true)
        case .never: try channel.reject(delivery.message.tag, requeue: false)
        }
    }

    func opened(_ channel: RabbitChannel) throws(RabbitError) {
        connection += 1
        try channel.declareExchange(configuration.exchange, type: "topic")
        try channel.declareExchange(configuration.deadLetters, type: "fanout")
        _ = try channel.declareQueue(
            configuration.deadLetters, durable: true, exclusive: false,
            arguments: [
                ("x-queue-type", .text("quorum")), ("x-max-length", .integer(Int64(configuration.deadLetterLimit))),
            ])
        try channel.bind(queue: configuration.deadLetters, exchange: configuration.deadLetters, key: "")
        // Only quorum queues count how often a message was handed out in vain.
        _ = try channel.declareQueue(
            configuration.queue, durable: true, exclusive: false,
            arguments: [
                ("x-queue-type", .text("quorum")),
                ("x-delivery-limit", .integer(Int64(configuration.redeliveryLimit))),
                ("x-dead-letter-exchange", .text(configuration.deadLetters)),
            ])
        for key in configuration.bindings {
            try channel.bind(queue: configuration.queue, exchange: configuration.exchange, key: key)
        }
        try channel.prefetch(configuration.prefetch)
        try channel.consume(queue: configuration.queue, acknowledges: true)
    }

    func received(_ input: RabbitChannel.Input, on channel: RabbitChannel) throws(RabbitError) {
        switch input {
        case .message(let message): deliver(Delivery(message: message, connection: connection))
        case .confirmation: break
        case .consumerCancelled: throw RabbitError(.unavailable, "RabbitMQ removed the queue \(configuration.queue)")
        }
    }

    func inputEnded() {}
    func deadline() -> ContinuousClock.Instant? { nil }
    func lost(_ error: RabbitError) {}
}
