import Core
import Discord
import DiscordTestSupport
import EventLoop
import Synchronization
import Testing
import TestSupport

/// A gateway on a sandbox, and what it delivered.
private final class Recorder: Sendable {
    let sandbox: LiveSandbox
    let received = Mutex<[GatewayEvent]>([])
    let failure = Mutex<(any Error)?>(nil)

    init(_ sandbox: LiveSandbox) { self.sandbox = sandbox }

    /// Runs a gateway while `body` works.
    func record(
        token: String = LiveSandbox.token, handler: @escaping @Sendable (GatewayEvent) async -> Void = { _ in },
        _ body: (Gateway) async throws -> Void
    ) async throws {
        let rest = RESTClient(.init(baseURL: sandbox.api, token: Secret(token)))
        var configuration = GatewaySession.Configuration(token: Secret(token))
        configuration.backoff = Backoff(base: .milliseconds(20), limit: .milliseconds(100))
        let gateway = Gateway(configuration, lookup: GatewayLookup(rest), group: sandbox.group) { [self] delivery, _ in
            let events: [GatewayEvent] =
                switch delivery {
                case .guilds(let creates): creates.map { .guildCreate($0) }
                case .event(let event): [event]
                case .acknowledged: []
                }
            for event in events {
                received.withLock { $0.append(event) }
                await handler(event)
            }
        }
        let running = Task {
            do { try await gateway.run() } catch { failure.withLock { $0 = error } }
        }
        do {
            try await body(gateway)
        } catch {
            running.cancel()
            await running.value
            await sandbox.stop()
            throw error
        }
        running.cancel()
        await running.value
        await sandbox.stop()
    }

    func count(_ name: String) -> Int { received.withLock { $0.count { $0.name == name } } }
}

struct GatewayTests {
    @Test func `it becomes ready, receives its guilds, and all members on request`() async throws {
        let recorder = Recorder(try await LiveSandbox())
        try await recorder.record { gateway in
            try await eventually("both guilds are there") { recorder.count("GUILD_CREATE") == 2 }
            #expect(gateway.phase == .ready)
            let guild = Snowflake(rawValue: LiveSandbox.lantern)
            try gateway.send(.requestMembers(RequestGuildMembers(guildID: guild, query: "", limit: 0, nonce: "all")))
            try await eventually("the members came") { recorder.count("GUILD_MEMBERS_CHUNK") == 1 }
            let chunk = recorder.received.withLock { events in
                events.compactMap { if case .guildMembersChunk(let chunk) = $0 { chunk } else { nil } }.first
            }
            #expect(chunk?.nonce == "all")
            #expect(chunk?.members.contains { $0.user?.id.rawValue == LiveSandbox.tomas } == true)
            #expect(recorder.received.withLock { $0.allSatisfy { if case .malformed = $0 { false } else { true } } })
        }
    }

    @Test func `a dropped connection is resumed, and what happened meanwhile is received once and in order`()
        async throws
    {
        let recorder = Recorder(try await LiveSandbox())
        try await recorder.record { gateway in
            try await eventually("ready") { recorder.count("GUILD_CREATE") == 2 }
            for round in 1...3 {
                try recorder.sandbox.drop()
                for step in 0..<4 { try recorder.sandbox.setRole(of: LiveSandbox.tomas, given: step % 2 == 0) }
                try await eventually("resumed") { recorder.count("RESUMED") == round }
                try await eventually("all updates came") { recorder.count("GUILD_MEMBER_UPDATE") == round * 4 }
            }
            let lengths = recorder.received.withLock { events in
                events.compactMap { event in
                    if case .guildMemberUpdate(let update) = event { update.member.roles.count } else { nil }
                }
            }
            #expect(lengths == [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
            #expect(recorder.count("READY") == 1)
        }
    }

    @Test func `a request to reconnect and a resumable invalid session keep the session`() async throws {
        let recorder = Recorder(try await LiveSandbox())
        try await recorder.record { _ in
            try await eventually("ready") { recorder.count("GUILD_CREATE") == 2 }
            try recorder.sandbox.askToReconnect()
            try await eventually("resumed") { recorder.count("RESUMED") == 1 }
            try recorder.sandbox.invalidate(resumable: true)
            try await eventually("resumed again") { recorder.count("RESUMED") == 2 }
            #expect(recorder.count("READY") == 1)
        }
    }

    @Test func `a session that is invalid is replaced by a new one`() async throws {
        let recorder = Recorder(try await LiveSandbox())
        try await recorder.record { _ in
            try await eventually("ready") { recorder.count("GUILD_CREATE") == 2 }
            try recorder.sandbox.invalidate(resumable: false)
            try await eventually("ready again") { recorder.count("READY") == 2 }
            try await eventually("guilds again") { recorder.count("GUILD_CREATE") == 4 }
        }
    }

    @Test func `a server that stops acknowledging heartbeats is reconnected to`() async throws {
        let recorder = Recorder(try await LiveSandbox(heartbeat: .seconds(2)))
        try await recorder.record { _ in
            try await eventually("ready") { recorder.count("GUILD_CREATE") == 2 }
            try recorder.sandbox.ignoreHeartbeats(true)
            try await eventually("resumed") { recorder.count("RESUMED") >= 1 }
            try recorder.sandbox.ignoreHeartbeats(false)
            #expect(recorder.count("READY") == 1)
        }
    }

    @Test func `a slow handler gets one event at a time, in order`() async throws {
        let recorder = Recorder(try await LiveSandbox())
        let busy = Mutex((now: 0, most: 0))
        try await recorder.record(handler: { _ in
            busy.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            await Task.yield()
            busy.withLock { $0.now -= 1 }
        }) { _ in
            try await eventually("ready") { recorder.count("GUILD_CREATE") == 2 }
            for step in 0..<50 { try recorder.sandbox.setRole(of: LiveSandbox.tomas, given: step % 2 == 0) }
            try await eventually("all updates came") { recorder.count("GUILD_MEMBER_UPDATE") == 50 }
            #expect(busy.withLock { $0.most } == 1)
        }
    }

    @Test func `commands that find the queue full are refused`() async throws {
        let rest = RESTClient(.init(baseURL: "http://127.0.0.1:9/api/v10", token: Secret("a.b.c")))
        let group = EventLoopGroup(count: 1)
        let gateway = Gateway(.init(token: Secret("a.b.c")), lookup: GatewayLookup(rest), group: group) { _, _ in }
        for _ in 0..<4096 { try gateway.send(.heartbeat(nil)) }
        let error = #expect(throws: GatewayError.self) { try gateway.send(.heartbeat(nil)) }
        #expect(error?.code == "gateway_queue_full")
        await group.shutdown()
    }

    @Test func `a wrong token ends it with a sentence`() async throws {
        let recorder = Recorder(try await LiveSandbox())
        try await recorder.record(token: "MTIz.wrong.token-of-nobody") { _ in
            try await eventually("it failed") { recorder.failure.withLock { $0 != nil } }
            let error = recorder.failure.withLock { $0 as? GatewayError }
            #expect(error?.code == "discord_unauthorized")
            #expect(error?.message.contains("token-of-nobody") == false)
        }
    }

    @Test func `an intent that is switched off ends it with a sentence that names the switch`() async throws {
        let sandbox = try await LiveSandbox()
        try sandbox.disallowIntents(Intents.guildMembers.rawValue)
        let recorder = Recorder(sandbox)
        try await recorder.record { _ in
            try await eventually("it failed") { recorder.failure.withLock { $0 != nil } }
            let error = recorder.failure.withLock { $0 as? GatewayError }
            #expect(error?.code == "gateway_refused_4014")
            #expect(error?.message.contains("Server Members Intent") == true)
        }
    }
}
