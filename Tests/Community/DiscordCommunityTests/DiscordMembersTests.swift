import Core
import Discord
import DiscordCommunity
import DiscordSandbox
import DiscordTestSupport
import Guilds
import Testing

struct DiscordMembersTests {
    private let guild = GuildID(Int64(Seed.Lantern.guild))
    private let tomas = UserID(Int64(Seed.Users.tomas))
    private let wren = UserID(Int64(Seed.Users.wren))

    private func asking(_ sandbox: LiveSandbox, timeout: Duration = .seconds(30)) throws -> DiscordMembers {
        try #require(DiscordMembers(token: Secret(LiveSandbox.token), baseURL: sandbox.api, timeout: timeout))
    }

    @Test func `roles and timeouts are reported, and nothing for a user who isn't a member`() async throws {
        let sandbox = try await LiveSandbox()
        let members = try asking(sandbox)
        try sandbox.timeOut(LiveSandbox.tomas, seconds: 3600)
        let member = try #require(try await members.member(tomas, of: guild))
        #expect(member.roles == [RoleID(Int64(Seed.Lantern.regularRole))] && member.guildID == guild)
        #expect(try #require(member.timedOutUntil) > TimeSource.system.milliseconds)
        #expect(try await members.member(wren, of: guild) == nil)
        #expect(try await members.member(UserID(404), of: guild) == nil)
        await sandbox.stop()
    }

    @Test func `a guild that the bot isn't in, and a Discord that fails or is slow, are errors`() async throws {
        let sandbox = try await LiveSandbox()
        await #expect(throws: DiscordError.self) { try await asking(sandbox).member(tomas, of: GuildID(1)) }
        try sandbox.fault(["server_errors": ["count": 2, "path": "/guilds"]])
        await #expect(throws: DiscordError.self) { try await asking(sandbox).member(tomas, of: guild) }
        #expect(try await asking(sandbox).member(tomas, of: guild) != nil)
        try sandbox.fault(["latency_ms": 60_000])
        let start = ContinuousClock.now
        await #expect(throws: DiscordError.self) {
            try await asking(sandbox, timeout: .milliseconds(100)).member(tomas, of: guild)
        }
        #expect(ContinuousClock.now - start < .seconds(40), "it isn't waited for")
        try sandbox.fault(["reset": true])
        await sandbox.stop()
    }

    @Test func `without a token nothing is asked`() {
        #expect(DiscordMembers(token: Secret(""), baseURL: "http://127.0.0.1:9") == nil)
    }
}
