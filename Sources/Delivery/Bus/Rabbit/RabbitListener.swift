import Core
import Store

/// Listens with a queue of its own and hands what arrives to the bus's subscribers.
final class RabbitListener: RabbitRole {
    private let configuration: RabbitBus.Configuration
    private let encoding: EventEncoding
    private let receivers: Receivers
    private let log: Log
    private let unreadable: Counter
    private var batch: [Event] = []
    private var isListening = false

    init(_ configuration: RabbitBus.Configuration, receivers: Receivers, log: Log, unreadable: Counter) {
        self.configuration = configuration
        encoding = EventEncoding(key: configuration.key, epoch: configuration.epoch)
        self.receivers = receivers
        self.log = log
        self.unreadable = unreadable
    }

    /// Sends a new subscriber the empty batch; before there is a connection, it will receive it together with the others.
    func greet(_ id: Int) {
        if isListening { receivers.greet(id) }
    }

    func opened(_ channel: RabbitChannel) throws(RabbitError) {
        try channel.declareTopicExchange(configuration.exchange)
        // The oldest are dropped from a queue whose reader has fallen that far behind; it notices by the numbers.
        let queue = try channel.declareOwnQueue([("x-max-length", .integer(Int64(configuration.queueLimit)))])
        for key in configuration.bindings { try channel.bind(queue: queue, exchange: configuration.exchange, key: key) }
        try channel.consume(queue: queue)
        isListening = true
        receivers.deliver([])
    }

    func received(_ input: RabbitChannel.Input, on channel: RabbitChannel) throws(RabbitError) {
        switch input {
        case .confirmation: break
        case .delivery: preconditionFailure("the server forgets messages as it sends them")
        case .consumerCancelled: throw RabbitError(.unavailable, "RabbitMQ removed the queue that was listened to")
        case .message(let body):
            guard !receivers.isEmpty else { return }
            do {
                guard let body else { throw RabbitError(.refused, "the message is too long") }
                guard let event = try encoding.event(body) else { return readLog() }
                batch.append(event)
            } catch {
                unreadable.increment()
                // Somebody else reads what other programs publish.
                guard !configuration.hasOtherPublishers else { return }
                log.error("a message on the bus is unreadable", ["error": "\(error)"])
                readLog()
            }
        }
    }

    /// Whatever has come, the log has it.
    private func readLog() {
        inputEnded()
        receivers.deliver([])
    }

    func inputEnded() {
        guard !batch.isEmpty else { return }
        let events = batch
        batch = []
        receivers.deliver(events)
    }

    func deadline(at now: Duration) -> Duration? { nil }

    func lost(_ error: RabbitError) {
        isListening = false
        inputEnded()
    }
}
