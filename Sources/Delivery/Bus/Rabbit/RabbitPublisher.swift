import Core
import Store

/// Publishes events on its connection, and resumes their publishers when the server has confirmed them.
final class RabbitPublisher: RabbitRole {
    typealias Waiting = CheckedContinuation<Void, any Error>

    /// One event, ready to be sent.
    struct Message: Sendable {
        let body: [UInt8]
        let key: String
        let id: String
        let type: String
        let time: Int64
    }

    private let configuration: RabbitConfiguration
    private let exchange: String
    private let time: TimeSource
    private var unconfirmed = ConfirmTracker<Waiting>()

    init(_ configuration: RabbitConfiguration, exchange: String, time: TimeSource) {
        self.configuration = configuration
        self.exchange = exchange
        self.time = time
    }

    /// Sends the messages; `waiting` is resumed once the server has confirmed or refused them, or the connection is lost.
    /// - Throws: `RabbitError` when the connection is lost.
    func publish(_ messages: [Message], on channel: RabbitChannel?, _ waiting: Waiting) throws(RabbitError) {
        guard let channel else {
            waiting.resume(
                throwing: RabbitError(.unavailable, "RabbitMQ can't be reached at \(configuration.address) now"))
            return
        }
        guard unconfirmed.count < configuration.waitingBatches else {
            waiting.resume(
                throwing: RabbitError(
                    .overloaded, "\(unconfirmed.count) batches wait for RabbitMQ already; try again in a moment"))
            return
        }
        // Before the first is sent: whatever happens from here, the publisher is resumed.
        unconfirmed.published(messages.count, deadline: time.now + configuration.confirmTimeout, token: waiting)
        for message in messages {
            try channel.publish(
                message.body, exchange: exchange, key: message.key, id: message.id, type: message.type,
                time: message.time)
        }
    }

    func opened(_ channel: RabbitChannel) throws(RabbitError) {
        try channel.declareTopicExchange(exchange)
        try channel.selectConfirms()
    }

    func received(_ input: RabbitChannel.Input, on channel: RabbitChannel) {
        guard case .confirmation(let tag, let multiple, let refused) = input else { return }
        for (waiting, isRefused) in unconfirmed.settled(tag: tag, multiple: multiple, refused: refused) {
            if isRefused {
                waiting.resume(throwing: RabbitError(.refused, "RabbitMQ could not take a message"))
            } else {
                waiting.resume()
            }
        }
    }

    func inputEnded() {}

    func deadline(at now: Duration) throws(RabbitError) -> Duration? {
        guard let deadline = unconfirmed.deadline else { return nil }
        guard now < deadline else {
            throw RabbitError(
                .unavailable, "RabbitMQ has not confirmed a message for \(configuration.confirmTimeout)")
        }
        return deadline
    }

    func lost(_ error: RabbitError) {
        for waiting in unconfirmed.removeAll() { waiting.resume(throwing: error) }
    }
}
