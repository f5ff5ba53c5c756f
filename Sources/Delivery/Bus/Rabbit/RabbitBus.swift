package import Core
package import Store

/// A bus over a topic exchange of a RabbitMQ server. Each bus that has subscribers listens with a queue of its own that goes
/// with its connection, so all of them get everything.
///
/// Publishing and listening have connections of their own, each on its own thread: a server short of memory stops reading
/// from publishers, which must not stop listeners. Each time the queue has been declared, for the first time and after every
/// disturbance, subscribers receive the empty batch, after which they read the log; one that subscribes later receives it at
/// once.
package final class RabbitBus: Bus {
    /// Which server and exchange to use, and how events are named on it.
    package struct Configuration: Sendable {
        package var rabbit: RabbitConfiguration
        /// Signs events; the same for all processes of a system, 32 bytes that nobody else knows.
        package var key: [UInt8]
        /// The epoch of the log that the events are from.
        package var epoch: String
        /// The exchange's name. It's declared as a durable topic exchange.
        package var exchange: String
        /// The routing key of an event, words divided by dots, at most 255 bytes long.
        package var routingKey: @Sendable (Event) -> String
        /// Which events are received: patterns of routing keys. Readers that expect every number need all.
        package var bindings = ["#"]
        /// Whether other programs publish to the exchange, too: what isn't this system's is then passed over without a word.
        package var hasOtherPublishers = false
        /// How many events the server keeps for a listener that doesn't keep up.
        package var queueLimit = 100_000

        package init(
            rabbit: RabbitConfiguration, key: [UInt8], epoch: String, exchange: String,
            routingKey: @escaping @Sendable (Event) -> String
        ) {
            self.rabbit = rabbit
            self.key = key
            self.epoch = epoch
            self.exchange = exchange
            self.routingKey = routingKey
        }
    }

    private let configuration: Configuration
    private let publisher: RabbitThread<RabbitPublisher>
    private let listener: RabbitThread<RabbitListener>
    private let receivers: Receivers

    /// Starts to connect and returns at once: while the server is unavailable, `publish` throws and subscribers wait.
    package init(
        _ configuration: Configuration, time: TimeSource = .system, log: Log, metrics: Metrics = Metrics()
    ) {
        let log = log.labelled("bus")
        let receivers = Receivers()
        let unreadable = metrics.counter(
            "tandem_bus_unreadable_messages_total", help: "Messages on the bus that were not ours or not whole.")
        self.configuration = configuration
        self.receivers = receivers
        publisher = RabbitThread(configuration.rabbit, time: time, log: log) {
            RabbitPublisher(configuration.rabbit, exchange: configuration.exchange, time: time)
        }
        listener = RabbitThread(configuration.rabbit, time: time, log: log) {
            RabbitListener(configuration, receivers: receivers, log: log, unreadable: unreadable)
        }
        for (purpose, isConnected) in [
            ("publish", { @Sendable [publisher] in publisher.isConnected }),
            ("listen", { @Sendable [listener] in listener.isConnected }),
        ] {
            metrics.gauge(
                "tandem_rabbitmq_connected", help: "1 while connected to RabbitMQ.", labels: ["purpose": purpose]
            ) { isConnected() ? 1 : 0 }
        }
    }

    deinit { close() }

    /// Whether events can be published and are being received now.
    package var isConnected: Bool { publisher.isConnected && listener.isConnected }

    /// Whether events are being received now.
    package var isListening: Bool { listener.isConnected }

    /// Returns when the server has confirmed each event: those for durable queues are on its disk.
    /// - Throws: `RabbitError`: at once while the server is known to be away, within its timeouts otherwise.
    package func publish(_ events: [Event]) async throws {
        guard !events.isEmpty else { return }
        let encoding = EventEncoding(key: configuration.key, epoch: configuration.epoch)
        let messages = try events.map { event in
            RabbitPublisher.Message(
                body: try encoding.bytes(of: event), key: Self.short(configuration.routingKey(event)),
                id: String(event.number), type: Self.short(event.kind), time: event.time)
        }
        try await withCheckedThrowingContinuation { continuation in
            let isAccepted = publisher.submit { role, channel throws(RabbitError) in
                try role.publish(messages, on: channel, continuation)
            }
            if !isAccepted {
                continuation.resume(throwing: RabbitError(.closed, "the connection to RabbitMQ was closed"))
            }
        }
    }

    package func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
        let (id, held) = receivers.add(receive)
        _ = listener.submit { role, _ throws(RabbitError) in role.greet(id) }
        // A subscription keeps its bus at work.
        return BusSubscription { withExtendedLifetime(self) { held.cancel() } }
    }

    /// Starts to close both connections for good, and returns at once.
    package func close() {
        publisher.stop()
        listener.stop()
    }

    /// Short strings of the protocol have at most 255 bytes.
    private static func short(_ text: String) -> String {
        var text = text
        while text.utf8.count > 255 { text.removeLast() }
        return text
    }
}
