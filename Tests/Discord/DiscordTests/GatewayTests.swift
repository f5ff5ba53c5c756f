import Core
import Discord
import Synchronization
import Testing

/// A gateway on a sandbox, and what it delivered.
private final class Ear: Sendable {
    let sandbox: LiveSandbox
    let heard = Mutex<[GatewayEvent]>([])
    let failure = Mutex<(any Error)?>(nil)

    init(_ sandbox: LiveSandbox) { self.sandbox = sandbox }

    /// Runs a gateway while `body` works.
    func listen(
        token: String = LiveSandbox.token, handler: @escaping @Sendable (GatewayEvent) async -> Void = { _ in },
        _ body: (Gateway) async throws -> Void
    ) async throws {
        let rest = RESTClient(.init(baseURL: sandbox.api, token: Secret(token)))
        var configuration = GatewaySession.Configuration(token: Secret(token))
        configuration.backoff = Backoff(base: .milliseconds(20), limit: .milliseconds(100))
        let gateway = Gateway(configuration, rest: rest, group: sandbox.group) { [self] delivery, _ in
            guard case .event(let event) = delivery else { return }
            heard.withLock { $0.append(event) }
            await handler(event)
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

    func count(_ name: String) -> Int { heard.withLock { $0.count { $0.name == name } } }
}

@Suite struct GatewayTests {
    @Test func `it gets ready, hears of its guilds, and gets all members when it asks`() async throws {
        let ear = Ear(try await LiveSandbox())
        try await ear.listen { gateway in
            try await eventually("both guilds are there") { ear.count("GUILD_CREATE") == 2 }
            #expect(gateway.phase == .ready)
            let guild = Snowflake(rawValue: LiveSandbox.lantern)
            gateway.send(.requestMembers(RequestGuildMembers(guildID: guild, query: "", limit: 0, nonce: "all")))
            try await eventually("the members came") { ear.count("GUILD_MEMBERS_CHUNK") == 1 }
            let chunk = ear.heard.withLock { events in
                events.compactMap { if case .guildMembersChunk(let chunk) = $0 { chunk } else { nil } }.first
            }
            #expect(chunk?.nonce == "all")
            #expect(chunk?.members.contains { $0.user?.id.rawValue == LiveSandbox.tomas } == true)
            #expect(ear.heard.withLock { $0.allSatisfy { if case .malformed = $0 { false } else { true } } })
        }
    }

    @Test func `a dropped connection is resumed, and what happened meanwhile is heard once and in order`() async throws
    {
        let ear = Ear(try await LiveSandbox())
        try await ear.listen { gateway in
            try await eventually("ready") { ear.count("GUILD_CREATE") == 2 }
            for round in 1...3 {
                try ear.sandbox.drop()
                for step in 0..<4 { try ear.sandbox.setRole(of: LiveSandbox.tomas, given: step % 2 == 0) }
                try await eventually("resumed") { ear.count("RESUMED") == round }
                try await eventually("all updates came") { ear.count("GUILD_MEMBER_UPDATE") == round * 4 }
            }
            let lengths = ear.heard.withLock { events in
                events.compactMap { event in
                    if case .guildMemberUpdate(let update) = event { update.member.roles.count } else { nil }
                }
            }
            #expect(lengths == [2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
            #expect(ear.count("READY") == 1)
        }
    }

    @Test func `a request to reconnect and a resumable invalid session keep the session`() async throws {
        let ear = Ear(try await LiveSandbox())
        try await ear.listen { _ in
            try await eventually("ready") { ear.count("GUILD_CREATE") == 2 }
            try ear.sandbox.askToReconnect()
            try await eventually("resumed") { ear.count("RESUMED") == 1 }
            try ear.sandbox.invalidate(resumable: true)
            try await eventually("resumed again") { ear.count("RESUMED") == 2 }
            #expect(ear.count("READY") == 1)
        }
    }

    @Test func `an invalid session is begun anew`() async throws {
        let ear = Ear(try await LiveSandbox())
        try await ear.listen { _ in
            try await eventually("ready") { ear.count("GUILD_CREATE") == 2 }
            try ear.sandbox.invalidate(resumable: false)
            try await eventually("ready again") { ear.count("READY") == 2 }
            try await eventually("guilds again") { ear.count("GUILD_CREATE") == 4 }
        }
    }

    @Test func `a server that stops acknowledging is left and found again`() async throws {
        let ear = Ear(try await LiveSandbox(heartbeat: .seconds(2)))
        try await ear.listen { _ in
            try await eventually("ready") { ear.count("GUILD_CREATE") == 2 }
            try ear.sandbox.ignoreHeartbeats(true)
            try await eventually("resumed") { ear.count("RESUMED") >= 1 }
            try ear.sandbox.ignoreHeartbeats(false)
            #expect(ear.count("READY") == 1)
        }
    }

    @Test func `a slow handler gets one event at a time, in order`() async throws {
        let ear = Ear(try await LiveSandbox())
        let busy = Mutex((now: 0, most: 0))
        try await ear.listen(handler: { _ in
            busy.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            await Task.yield()
            busy.withLock { $0.now -= 1 }
        }) { _ in
            try await eventually("ready") { ear.count("GUILD_CREATE") == 2 }
            for step in 0..<50 { try ear.sandbox.setRole(of: LiveSandbox.tomas, given: step % 2 == 0) }
            try await eventually("all updates came") { ear.count("GUILD_MEMBER_UPDATE") == 50 }
            #expect(busy.withLock { $0.most } == 1)
        }
    }

    @Test func `a wrong token ends it with a sentence`() async throws {
        let ear = Ear(try await LiveSandbox())
        try await ear.listen(token: "MTIz.wrong.token-of-nobody") { _ in
            try await eventually("it failed") { ear.failure.withLock { $0 != nil } }
            let error = ear.failure.withLock { $0 as? GatewayError }
            #expect(error?.code == "discord_unauthorized")
            #expect(error?.message.contains("token-of-nobody") == false)
        }
    }

    @Test func `an intent that is not switched on ends it with a sentence that says where`() async throws {
        let sandbox = try await LiveSandbox()
        try sandbox.disallowIntents(Intents.guildMembers.rawValue)
        let ear = Ear(sandbox)
        try await ear.listen { _ in
            try await eventually("it failed") { ear.failure.withLock { $0 != nil } }
            let error = ear.failure.withLock { $0 as? GatewayError }
            #expect(error?.code == "gateway_refused_4014")
            #expect(error?.message.contains("Server Members Intent") == true)
        }
    }
}
