import Bus
import Cache
import Core
import EventLoop
import Guilds
import Redis
import Store
import Web

/// The bus between processes and the cache that they share, as the settings name them. Neither has to be available:
/// everything is in the database.
struct BusAndCache {
    let bus: any Bus
    let cache: any Cache
    /// Whether other processes use the same cache.
    let cacheIsShared: Bool
    /// To be run beside the bus.
    let services: [any Service]
    /// The state of each connection, by name, for the readiness probe.
    let notes: [(name: String, note: Probes.Check)]
    let close: @Sendable () async -> Void

    /// - Throws: `RemoteServerError` when an address is invalid; not when no server answers there.
    static func connect(
        _ servers: Configuration.Servers, ingest: Configuration.Ingest, database: any Database, epoch: String,
        keyring: Keyring,
        group: EventLoopGroup, log: Log, metrics: Metrics
    ) async throws -> BusAndCache {
        var notes: [(name: String, note: Probes.Check)] = []
        var closings: [@Sendable () async -> Void] = []
        var cache: any Cache = MemoryCache(log: log, metrics: metrics)
        if let url = servers.cache?.revealed {
            var redis = try RedisConfiguration(url: url)
            // Requests wait for it.
            redis.commandTimeout = .milliseconds(500)
            let connection = try await RedisConnection(
                redis, loop: group.next(), log: log, metrics: metrics, purpose: "cache")
            cache = RedisCache(connection, log: log, metrics: metrics)
            closings.append { await connection.close() }
            notes.append(("cache", { state(connection.isConnected) }))
        }
        var transport: (any Bus)?
        var isDelivering: @Sendable () -> Bool = { true }
        if let url = servers.bus?.revealed {
            let key = keyring.key(for: "bus")
            if url.hasPrefix("amqp") {
                var configuration = try rabbit(url, key: key, epoch: epoch)
                configuration.hasOtherPublishers = ingest != .off
                let bus = RabbitBus(configuration, log: log, metrics: metrics)
                transport = bus
                isDelivering = { bus.isConnected }
                closings.append { bus.close() }
            } else {
                let bus = try await RedisBus(
                    RedisBus.Configuration(redis: RedisConfiguration(url: url), key: key, epoch: epoch),
                    loop: group.next(), log: log, metrics: metrics)
                transport = bus
                isDelivering = { bus.isConnected }
                closings.append { await bus.close() }
            }
            notes.append(("bus", { [isDelivering] in state(isDelivering()) }))
        }
        let close: @Sendable () async -> Void = { [closings] in for closing in closings { await closing() } }
        // One process on SQLite needs no more than itself.
        guard transport != nil || servers.database != nil else {
            return BusAndCache(
                bus: LocalBus(), cache: cache, cacheIsShared: servers.cache != nil, services: [], notes: notes,
                close: close)
        }
        let bus = SignalBus(database.eventsCommitted, over: transport, isTransportAvailable: isDelivering)
        return BusAndCache(
            bus: bus, cache: cache, cacheIsShared: servers.cache != nil, services: [bus], notes: notes, close: close)
    }

    /// The exchange and the keys that other programs bind queues to: `<kind>.<guild>`, such as `game.updated.<guild's id>`.
    static func rabbit(_ url: String, key: [UInt8], epoch: String) throws -> RabbitBus.Configuration {
        RabbitBus.Configuration(
            rabbit: try RabbitConfiguration(url: url), key: key, epoch: epoch, exchange: "game_scheduler"
        ) { event in
            "\(event.kind).\(event.topic.split(separator: "/").last ?? "")"
        }
    }

    private static func state(_ isConnected: Bool) -> String {
        isConnected ? "connected" : "away; the log is read instead"
    }
}
