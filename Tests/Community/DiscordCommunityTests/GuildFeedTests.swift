import Core
import Discord
import DiscordCommunity
import DiscordTestSupport
import EventLoop
import FoundationEssentials
import Guilds
import Store
import Synchronization
import Testing
import TestSupport

/// A gateway on a sandbox whose deliveries are recorded in a guild directory, unless the test holds them back.
private final class Feed: Sendable {
    let sandbox: LiveSandbox
    let policy: AccessPolicy
    let metrics = Metrics()
    /// The time of day stands still until the test sets it.
    let clock = ManualTime()
    private let directory: GuildDirectory
    private let folder: TemporaryFolder
    /// What the next delivery waits for, and what removals wait for.
    private let held = Mutex<(all: Latch?, removals: Latch?)>((nil, nil))
    private let removalsHeld = Mutex(0)
    private let time: TimeSource

    init() async throws {
        folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
        try await database.migrate([GuildSchema.migrations])
        sandbox = try await LiveSandbox(heartbeat: .milliseconds(500))
        let clock = clock
        let time = TimeSource(
            date: { clock.date }, now: { TimeSource.system.now },
            sleepUntil: { try await TimeSource.system.sleep(until: $0) })
        directory = GuildDirectory(database: database, time: time)
        policy = AccessPolicy(database: database, directory: directory, source: nil, time: time)
        self.time = time
    }

    /// Runs the gateway while `body` works.
    func run(_ body: () async throws -> Void) async throws {
        let feed = GuildFeed(directory: directory, shard: nil, log: .none)
        let lookup = GatewayLookup(RESTClient(.init(baseURL: sandbox.api, token: Secret(LiveSandbox.token))))
        let gateway = Gateway(
            .init(token: Secret(LiveSandbox.token)), lookup: lookup, group: sandbox.group, time: time, metrics: metrics
        ) { [self] delivery, gateway in
            await held.withLock { $0.all }?.wait()
            if case .event(.guildMemberRemove) = delivery {
                removalsHeld.withLock { $0 += 1 }
                await held.withLock { $0.removals }?.wait()
            }
            await feed.received(delivery, from: gateway)
        }
        let running = Task { try? await gateway.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        running.cancel()
        release()
        await running.value
        await sandbox.stop()
        try outcome.get()
    }

    /// From here on nothing is recorded.
    func hold() { held.withLock { $0 = (Latch(), Latch()) } }

    /// Lets what was held back be recorded, up to the first removal.
    func releaseUpToRemovals() async throws {
        held.withLock { $0.all.take() }?.open()
        try await eventually("the removal is next") { removalsHeld.withLock { $0 } > 0 }
    }

    func release() {
        let (all, removals) = held.withLock { held in
            defer { held = (nil, nil) }
            return held
        }
        all?.open()
        removals?.open()
    }

    func count(_ metric: String) -> Int {
        let line = metrics.rendered().split(separator: "\n").first { $0.hasPrefix(metric + "{") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }
}

struct GuildFeedTests {
    private let lantern = GuildID(Int64(LiveSandbox.lantern))
    private let tomas = UserID(Int64(LiveSandbox.tomas))

    @Test func `behind a backlog, a kicked member keeps access for 300 s from the last heartbeat before the kick`()
        async throws
    {
        let feed = try await Feed()
        try await feed.run {
            try await eventually("the guild is recorded") {
                try await feed.policy.membership(of: tomas, in: lantern) != nil
            }
            feed.hold()
            feed.clock.set(feed.clock.date + 100)
            let heartbeats = feed.count("tandem_gateway_latency_seconds_count")
            try await eventually("heartbeats are acknowledged") {
                feed.count("tandem_gateway_latency_seconds_count") >= heartbeats + 2
            }
            let events = feed.count("tandem_gateway_events_total")
            try feed.sandbox.setMember(LiveSandbox.tomas, "remove")
            try await eventually("the kick is received") { feed.count("tandem_gateway_events_total") > events }
            // The bot comes to these acknowledgements only now, 190 s later, and not yet to the kick.
            feed.clock.set(feed.clock.date + 190)
            try await feed.releaseUpToRemovals()
            let left = try await feed.policy.membership(of: tomas, in: lantern)
            #expect(left.map { $0 <= .seconds(110) && $0 > .seconds(100) } == true, "\(String(describing: left))")
            feed.clock.set(feed.clock.date + 110)
            #expect(try await feed.policy.membership(of: tomas, in: lantern) == nil)
        }
    }
}
