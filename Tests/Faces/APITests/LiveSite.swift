import API
import Bus
import Core
import EventLoop
import Fanout
import Guilds
import Store
import Testing
import Web
import WebTestSupport

/// The site behind a real server, with relay, bus and hub at work.
final class LiveSite: Sendable {
    let site: Site
    let group: EventLoopGroup
    let port: Int

    /// Runs everything for as long as `body` does.
    static func run(
        hub configuration: HubConfiguration = HubConfiguration(), streamBurst: Int = 1000,
        replayBurst: Int = 1_000_000,
        _ body: @escaping @Sendable (LiveSite) async throws -> Void
    ) async throws {
        let site = try await Site(streamBurst: streamBurst, replayBurst: replayBurst)
        let group = EventLoopGroup(count: 2)
        let bus = LocalBus()
        let log = try await DatabaseEventLog(site.database)
        let relay = Relay(database: site.database, bus: bus)
        let hub = try await Hub(
            group: group, eventLog: log, policy: CommunityTopics(policy: site.policy, sessions: site.sessions),
            configuration: configuration, log: .none, metrics: Metrics())
        let subscription = bus.subscribe { hub.receive($0) }
        let server = HTTPServer(router: site.router(with: hub), group: group)
        let live = LiveSite(site: site, group: group, port: try await server.start())
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await relay.run() }
                tasks.addTask { try await hub.run() }
                tasks.addTask { try await server.run() }
                try await body(live)
                tasks.cancelAll()
            }
        } catch is CancellationError {}
        subscription.cancel()
        await group.shutdown()
    }

    private init(site: Site, group: EventLoopGroup, port: Int) {
        self.site = site
        self.group = group
        self.port = port
    }

    /// Opens a stream and waits until it is ready, or refused.
    func stream(_ path: String, _ cookie: String, after cursor: String? = nil) async throws -> StreamClient {
        let client = try await StreamClient.open(group, port: port, path, cookie: cookie, cursor: cursor)
        try await client.waitUntilReady()
        return client
    }
}
