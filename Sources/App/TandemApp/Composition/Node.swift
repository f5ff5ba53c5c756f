import API
import Bot
import Bus
import Core
import Discord
import EventLoop
import Fanout
import Guilds
import Scheduler
import Store
import Web

/// One process, assembled from its configuration.
struct Node {
    /// In the order in which they start; they stop in the reverse order.
    let services: [any Service]
    /// Closes what the services used.
    let close: @Sendable () async -> Void

    /// - Parameter sandboxURL: the chat page for `/demo`.
    /// - Throws: when the database can't be opened, the pages aren't found or the port is taken.
    static func assemble(
        _ configuration: Configuration, group: EventLoopGroup, log: Log, sandboxURL: String? = nil
    ) async throws -> Node {
        let metrics = Metrics.ofProcess()
        let backend = try await Backend.open(configuration, group: group, log: log, metrics: metrics)
        do {
            var services: [any Service] = backend.busAndCache.services
            services += [
                LogWatch(backend.database, backend.eventLog, log: log) { transaction in
                    try await GuildRecords.forgetCertainty(in: transaction, now: TimeSource.system.milliseconds)
                },
                Relay(
                    database: backend.database, epoch: backend.eventLog.epoch, bus: backend.bus, log: log,
                    metrics: metrics),
                GameClock(database: backend.database, deadlinesChanged: backend.deadlinesChanged, log: log),
            ]
            if let ingest = try ingest(configuration, backend) { services.append(ingest) }
            if configuration.roles.contains(.bot) { services.append(shardedBot(configuration, backend)) }
            var hub: Hub?
            if configuration.roles.contains(.hub) {
                let connected = try await ConnectedHub.open(configuration, backend)
                services.append(connected)
                hub = connected.hub
            }
            services += try await openWeb(configuration, backend, hub: hub, sandboxURL: sandboxURL)
            return Node(services: services) { await backend.close() }
        } catch {
            await backend.close()
            throw error
        }
    }

    /// Publishes what other programs send through RabbitMQ, if the settings say so.
    private static func ingest(_ configuration: Configuration, _ backend: Backend) throws -> RabbitQueue? {
        guard configuration.roles.contains(.api), let url = configuration.servers.bus?.revealed else { return nil }
        let trust: PublishedMessages.Trust
        switch configuration.ingest {
        case .off: return nil
        case .signed: trust = .signed(configuration.publishSecret)
        case .unsigned: trust = .everybody
        }
        let messages = PublishedMessages(trust, database: backend.database)
        return RabbitQueue(
            try BusAndCache.rabbit(url, key: backend.keyring.key(for: "bus"), epoch: backend.eventLog.epoch),
            RabbitQueue.Configuration(name: "tandem_ingest", bindings: ["game.*.*", "tandem.publish"]),
            log: backend.log
        ) { delivery in
            guard let body = delivery.body else { return "A message must not be that long." }
            return try await messages.publish(
                PublishedMessages.Message(
                    body: body, routingKey: delivery.routingKey, id: delivery.messageID, headers: delivery.headers,
                    isRedelivered: delivery.isRedelivered))
        }
    }

    private static func shardedBot(_ configuration: Configuration, _ backend: Backend) -> ShardedBot {
        let token = configuration.discord.botToken
        let rest = RESTClient(
            RESTClient.Configuration(baseURL: configuration.discord.api, token: token), budget: backend.discordBudget,
            log: backend.log, metrics: backend.metrics)
        let lookup = GatewayLookup(rest)
        let database = backend.database
        let publicURL = configuration.publicURL
        return ShardedBot(
            database: database, lookup: lookup, budget: backend.discordBudget, wish: configuration.discord.shards,
            log: backend.log
        ) { shard in
            var bot = Bot.Configuration(token: token)
            bot.page = { "\(publicURL)/games/\($0)" }
            bot.shard = shard.count > 1 ? shard : nil
            return Bot(
                bot, rest: rest, lookup: lookup,
                identifyTurns: { bucket, body in
                    let lease = try await database.lead("bot identify/\(bucket)")
                    defer { lease.release() }
                    await body()
                },
                group: backend.group, database: database, events: backend.eventLog, bus: backend.bus,
                directory: backend.directory, games: backend.games, writes: backend.writes,
                log: shard.count > 1 ? backend.log.labelled("bot \(shard.number)") : backend.log,
                metrics: backend.metrics)
        }
    }
}

/// A hub together with its subscription to the bus.
struct ConnectedHub: Service {
    let hub: Hub
    private let subscription: BusSubscription

    var name: String { hub.name }

    static func open(_ configuration: Configuration, _ backend: Backend) async throws -> ConnectedHub {
        var hubConfiguration = HubConfiguration()
        hubConfiguration.admissionsPerSecond = configuration.http.streamRate
        hubConfiguration.streamsPerPrincipal = configuration.http.streamsPerPerson
        let topics = CommunityTopics(policy: backend.policy.uncached, sessions: backend.sessions)
        let hub = try await Hub(
            group: backend.group, eventLog: backend.eventLog, policy: topics, memory: backend.memory,
            configuration: hubConfiguration, log: backend.log, metrics: backend.metrics)
        let subscription = backend.bus.subscribe { hub.receive($0) }
        // What was committed between the two lines above is in the log.
        hub.receive([])
        return ConnectedHub(hub: hub, subscription: subscription)
    }

    func run() async throws { try await hub.run() }
}
