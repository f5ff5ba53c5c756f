import Bot
import Core
import Discord
import DiscordSandbox
import Guilds
import Testing

@Suite struct `Members are asked for as the bot` {
    private let guild = LiveTavern.guild

    private func asking(_ sandbox: LiveSandbox, patience: Duration = .seconds(30)) throws -> DiscordMembers {
        try #require(DiscordMembers(token: Secret(LiveSandbox.token), baseURL: sandbox.api, patience: patience))
    }

    @Test func `roles and timeouts are told, and who is no member is none`() async throws {
        let sandbox = try await LiveSandbox()
        let members = try asking(sandbox)
        try sandbox.timeOut(LiveSandbox.tomas, seconds: 3600)
        let tomas = try #require(try await members.member(LiveTavern.user(LiveSandbox.tomas), of: guild))
        #expect(tomas.roles == [RoleID(Int64(Seed.Lantern.regularRole))] && tomas.guildID == guild)
        #expect(try #require(tomas.timedOutUntil) > WallClock.system.milliseconds)
        #expect(try await members.member(LiveTavern.user(LiveSandbox.wren), of: guild) == nil)
        #expect(try await members.member(UserID(404), of: guild) == nil)
        await sandbox.stop()
    }

    @Test func `a guild that the bot isn't in, and a Discord that fails or is slow, are no answer`() async throws {
        let sandbox = try await LiveSandbox()
        let tomas = LiveTavern.user(LiveSandbox.tomas)
        await #expect(throws: DiscordError.self) { try await asking(sandbox).member(tomas, of: GuildID(1)) }
        try sandbox.breakDown(2, path: "/guilds")
        await #expect(throws: DiscordError.self) { try await asking(sandbox).member(tomas, of: guild) }
        #expect(try await asking(sandbox).member(tomas, of: guild) != nil)
        try sandbox.fault(["latency_ms": 60_000])
        let start = ContinuousClock.now
        await #expect(throws: DiscordError.self) {
            try await asking(sandbox, patience: .milliseconds(100)).member(tomas, of: guild)
        }
        #expect(ContinuousClock.now - start < .seconds(40), "it isn't waited for")
        try sandbox.fault(["reset": true])
        await sandbox.stop()
    }

    @Test func `without a token nobody is asked`() {
        #expect(DiscordMembers(token: Secret(""), baseURL: "http://127.0.0.1:9") == nil)
    }
}
