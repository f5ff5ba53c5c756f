package import Core

/// Handles what other programs publish to a bus's exchange: each message at least once, one after the other, out of a durable queue
/// that all processes share. What is refused is kept in a queue of dead letters, `<name>.dead`.
package final class RabbitQueue: Service {
    /// Which messages are handled.
    package struct Configuration: Sendable {
        package var name: String
        /// Patterns of routing keys.
        package var bindings: [String]

        package init(name: String, bindings: [String]) {
            self.name = name
            self.bindings = bindings
        }
    }

    package let name: String
    private let thread: RabbitThread<RabbitQueueRole>
    private let deliveries: AsyncStream<RabbitDelivery>
    private let time: TimeSource
    private let log: Log
    private let handle: @Sendable (RabbitDelivery) async throws -> String?

    /// Starts to connect and returns at once.
    ///
    /// - Parameter handle: returns why it refuses the message; `nil` if it doesn't. What it throws is tried again.
    package init(
        _ bus: RabbitBus.Configuration, _ configuration: Configuration, time: TimeSource = .system, log: Log,
        handle: @escaping @Sendable (RabbitDelivery) async throws -> String?
    ) {
        let log = log.labelled("ingest")
        let (deliveries, input) = AsyncStream.makeStream(of: RabbitDelivery.self)
        name = configuration.name
        self.deliveries = deliveries
        self.time = time
        self.log = log
        self.handle = handle
        thread = RabbitThread(bus.rabbit, time: time, log: log) { RabbitQueueRole(bus, configuration, input) }
    }

    deinit { thread.stop() }

    /// Whether messages are being received now.
    package var isConnected: Bool { thread.isConnected }

    /// Handles messages until cancelled, and closes the connection then. It can't be run again.
    ///
    /// - Throws: nothing; what fails is logged and tried again.
    package func run() async throws {
        defer { thread.stop() }
        for await delivery in deliveries {
            let reason: String?
            do {
                reason = try await time.retrying(
                    Backoff(base: .milliseconds(100), limit: .seconds(10)),
                    failed: { [log] error, pause in
                        log.error(
                            "a message of another program must wait", ["error": "\(error)", "retry_in": "\(pause)"])
                    }
                ) { try await handle(delivery) }
            } catch { return }
            if let reason {
                log.warning(
                    "a message of another program is refused",
                    ["routing_key": delivery.routingKey, "message": delivery.messageID ?? "-", "reason": reason])
            }
            _ = thread.submit { role, _ throws(RabbitError) in try role.settle(delivery, isAccepted: reason == nil) }
        }
    }
}
