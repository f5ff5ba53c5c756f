package import Core
package import EventLoop
package import Redis
package import Store

/// A bus over one channel of a Redis or Valkey server.
///
/// Redis keeps nothing for processes that aren't subscribed, and drops a subscriber that falls far behind. So each time the
/// subscription takes effect, for the first time and after every disturbance, subscribers receive the empty batch, after which
/// they read the log; one that subscribes later receives it at once.
package final class RedisBus: Bus {
    /// Which server and channel to use.
    package struct Configuration: Sendable {
        package var redis: RedisConfiguration
        /// Signs events; the same for all processes of a system, 32 bytes that nobody else knows.
        package var key: [UInt8]
        /// The epoch of the log that the events are from.
        package var epoch: String
        /// Channels are shared by all databases of a server: systems that share a server need channels of their own.
        package var channel = "tandem:events"
        /// The longest message, in bytes. A longer batch is split into several messages; an event that is longer by itself
        /// isn't sent: subscribers read the log instead.
        package var messageLimit = 1024 * 1024

        package init(redis: RedisConfiguration, key: [UInt8], epoch: String) {
            self.redis = redis
            self.key = key
            self.epoch = epoch
        }
    }

    private let configuration: Configuration
    private let loop: EventLoop
    private let publisher: RedisConnection
    private let subscription: RedisSubscription
    private let receivers: Receivers
    private let encoding: EventEncoding

    /// Starts to connect and returns without waiting for the connection: while the server is unavailable, `publish` throws and
    /// subscribers wait.
    /// - Parameter loop: subscribers are called on it.
    /// - Throws: `RedisError` when the configuration can't be used.
    package init(_ configuration: Configuration, loop: EventLoop, log: Log, metrics: Metrics = Metrics()) async throws {
        self.configuration = configuration
        self.loop = loop
        let receivers = Receivers()
        let encoding = EventEncoding(key: configuration.key, epoch: configuration.epoch)
        let log = log.labelled("bus")
        let unreadable = metrics.counter(
            "tandem_bus_unreadable_messages_total", help: "Messages on the bus that were not ours or not whole.")
        self.receivers = receivers
        self.encoding = encoding
        publisher = try await RedisConnection(
            configuration.redis, loop: loop, log: log, metrics: metrics, purpose: "publish")
        subscription = try await RedisSubscription(
            configuration.redis, channel: configuration.channel, loop: loop, log: log, metrics: metrics
        ) { happening in
            switch happening {
            case .subscribed: receivers.deliver([])
            case .interrupted: break
            case .message(let bytes):
                guard !receivers.isEmpty else { return }
                do {
                    receivers.deliver(try encoding.events(inBatch: bytes))
                } catch {
                    unreadable.increment()
                    log.error("a message on the bus is unreadable", ["bytes": "\(bytes.count)", "error": "\(error)"])
                    // Whatever it was, the log has it.
                    receivers.deliver([])
                }
            }
        }
    }

    /// Whether events can be published and are being received now.
    package var isConnected: Bool { publisher.isConnected && subscription.isSubscribed }

    /// - Throws: `RedisError`: at once while the server is known to be away, within its timeouts otherwise.
    package func publish(_ events: [Event]) async throws {
        guard !events.isEmpty else { return }
        let commands = try encoding.batches(events, limit: configuration.messageLimit).map {
            RedisCommand("PUBLISH", .text(configuration.channel), .bytes($0))
        }
        for reply in try await publisher.send(pipeline: commands) { _ = try reply.checked() }
    }

    package func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
        let (id, held) = receivers.add(receive)
        // Before that, it will receive the empty batch together with the others.
        loop.execute { [receivers, subscription] in
            if subscription.isSubscribed { receivers.greet(id) }
        }
        // A subscription keeps its bus at work.
        return BusSubscription { withExtendedLifetime(self) { held.cancel() } }
    }

    /// Ends both connections for good.
    package func close() async {
        await publisher.close()
        await subscription.close()
    }
}
