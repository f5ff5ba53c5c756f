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

/// One process, put together from its configuration.
struct Node {
    /// In the order in which they start; they stop in the reverse order.
    let services: [any Service]
    /// Lets go of what the services used.
    let close: @Sendable () async -> Void

    /// - Parameter sandboxURL: the chat page for `/demo`.
    /// - Throws: when the database, the pages or the port can't be had.
    static func assemble(
        _ configuration: Configuration, group: EventLoopGroup, log: Log, sandboxURL: String? = nil
    ) async throws -> Node {
        let metrics = Metrics()
        let ground = try await Ground.lay(configuration, group: group, log: log, metrics: metrics)
        do {
            var services: [any Service] = ground.carriers.services
            services += [
                Relay(database: ground.database, bus: ground.bus, log: log, metrics: metrics),
                GameClock(database: ground.database, deadlinesChanged: ground.deadlinesChanged, log: log),
            ]
            if configuration.roles.contains(.bot) { services.append(leadingBot(configuration, ground)) }
            var hub: Hub?
            if configuration.roles.contains(.hub) {
                let connected = try await ConnectedHub.open(ground)
                services.append(connected)
                hub = connected.hub
            }
            services.append(try await openWeb(configuration, ground, hub: hub, sandboxURL: sandboxURL))
            return Node(services: services) { await ground.close() }
        } catch {
            await ground.close()
            throw error
        }
    }

    private static func leadingBot(_ configuration: Configuration, _ ground: Ground) -> LeadingBot {
        let token = configuration.discord.botToken
        let rest = RESTClient(
            RESTClient.Configuration(baseURL: configuration.discord.api, token: token), log: ground.log,
            metrics: ground.metrics)
        var bot = Bot.Configuration(token: token)
        let publicURL = configuration.publicURL
        bot.page = { "\(publicURL)/games/\($0)" }
        return LeadingBot(database: ground.database, log: ground.log) { [bot] in
            Bot(
                bot, rest: rest, group: ground.group, database: ground.database, events: ground.eventLog,
                bus: ground.bus, directory: ground.directory, games: ground.games, writes: ground.writes,
                log: ground.log, metrics: ground.metrics)
        }
    }

    private static func openWeb(
        _ configuration: Configuration, _ ground: Ground, hub: Hub?, sandboxURL: String?
    ) async throws -> HTTPServer {
        let probes = Probes(metrics: ground.metrics)
        let database = ground.database
        probes.addCheck("database") {
            do {
                _ = try await database.read { try await $0.query("SELECT 1 AS one") }
                return nil
            } catch {
                return "can't be read"
            }
        }
        for note in ground.carriers.notes { probes.addNote(note.name, note.note) }
        probes.addNote("dead_letters") {
            guard let letters = try? await DeadLetters(database).summary(), !letters.isEmpty else { return nil }
            return letters.map { "\($0.consumer): \($0.count)" }.joined(separator: ", ")
        }
        let router = try Router(log: ground.log) { router in
            router.use(
                AccessLog(log: ground.log.labelled("access"), metrics: ground.metrics).middleware,
                SecurityHeaders().middleware)
            probes.mount(on: &router)
            if configuration.roles.contains(.api) || hub != nil {
                var api = WebAPI.Configuration()
                api.allowedOrigins = [configuration.publicURL]
                api.publishSecret = configuration.publishSecret
                WebAPI(
                    api, database: database, directory: ground.directory, policy: ground.policy,
                    sessions: ground.sessions, games: ground.games, accounts: ground.accounts, keyring: ground.keyring,
                    hub: hub, writes: ground.writes, cache: ground.carriers.cache, log: ground.log
                ).register(on: &router)
            }
            if configuration.roles.contains(.api) {
                let pages = try WebPages.find(configuration.http.webFolder)
                try PageRoutes(
                    PageRoutes.Configuration(
                        files: pages.files, discordWeb: configuration.discord.web, sandboxURL: sandboxURL)
                ).register(on: &router)
            }
        }
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(configuration.http), router: router, group: ground.group,
            log: ground.log,
            metrics: ground.metrics)
        if let hub {
            let spread = configuration.http.drain
            server.onDrain { await hub.drain(over: spread) }
        }
        try await server.start()
        return server
    }
}

/// A hub together with its subscription to the bus.
struct ConnectedHub: Service {
    let hub: Hub
    private let subscription: BusSubscription

    var name: String { hub.name }

    static func open(_ ground: Ground) async throws -> ConnectedHub {
        let topics = CommunityTopics(policy: ground.policy.uncached, sessions: ground.sessions)
        let hub = try await Hub(
            group: ground.group, eventLog: ground.eventLog, policy: topics, log: ground.log, metrics: ground.metrics)
        let subscription = ground.bus.subscribe { hub.receive($0) }
        // What was committed between the two lines above is in the log.
        hub.receive([])
        return ConnectedHub(hub: hub, subscription: subscription)
    }

    func run() async throws { try await hub.run() }
}

extension HTTPServerConfiguration {
    init(_ http: Configuration.HTTP) {
        self.init()
        host = http.host
        port = http.port
        drainTimeout = http.drain
        lastRequestTimeout = min(http.drain / 4, .milliseconds(500))
        trustedProxies = TrustedProxies(http.trustedProxies.compactMap { IPNetwork($0) })
    }
}
