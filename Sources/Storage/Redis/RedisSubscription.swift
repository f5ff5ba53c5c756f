package import Core
package import EventLoop
import Synchronization

/// Listens to a channel, on a connection of its own that is opened, and subscribed, again whenever it is lost.
package final class RedisSubscription: Sendable {
    /// What a subscriber receives, on the loop, in order.
    package enum Happening: Sendable {
        /// From here on nothing is missed until the next `.interrupted`. What was published before is lost.
        case subscribed
        case message([UInt8])
        case interrupted
    }

    private let loop: EventLoop
    private let link: LoopBound<RedisLink>
    private let subscribed = Atomic<Bool>(false)

    /// Begins to connect, and returns without waiting for the connection.
    /// - Parameter receive: is called on `loop` and must return at once.
    /// - Throws: nothing at present.
    package init(
        _ configuration: RedisConfiguration, channel: String, loop: EventLoop, log: Log, metrics: Metrics = Metrics(),
        receive: @escaping @Sendable (Happening) -> Void
    ) async throws {
        self.loop = loop
        let losses = metrics.counter(
            "tandem_redis_connection_losses_total", help: "Lost connections and failed attempts to connect to Redis.",
            labels: ["purpose": "subscription"])
        let log = log.labelled("redis")
        link = try await loop.submit { LoopBound(RedisLink(configuration, loop: loop, log: log), loop: loop) }
        metrics.gauge(
            "tandem_redis_connected", help: "1 while connected to Redis.", labels: ["purpose": "subscription"]
        ) { [weak self] in self?.isSubscribed == true ? 1 : 0 }
        loop.execute { [link, weak self] in
            let link = link.value
            link.onMessage = { _, payload in receive(.message(payload)) }
            link.onReady = { [weak link] in
                link?.send(RedisCommand("SUBSCRIBE", .text(channel))) { result in
                    switch result {
                    case .success(.error(let text)):
                        link?.reconnect(
                            because: RedisError(.refused, "Redis refuses to subscribe to \(channel): \(text)"))
                    case .success:
                        self?.subscribed.store(true, ordering: .relaxed)
                        receive(.subscribed)
                    case .failure: break
                    }
                }
            }
            link.onLost = { _ in
                losses.increment()
                let wasSubscribed = self?.subscribed.exchange(false, ordering: .relaxed)
                if wasSubscribed == true { receive(.interrupted) }
            }
            link.start()
        }
    }

    /// Whether messages are being received.
    package var isSubscribed: Bool { subscribed.load(ordering: .relaxed) }

    /// Ends the subscription for good; nothing is received after this returns.
    package func close() async {
        try? await link.withValue { $0.close() }
        subscribed.store(false, ordering: .relaxed)
    }
}
