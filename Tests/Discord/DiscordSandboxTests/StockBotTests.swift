import DiscordSandbox
import Foundation
import Testing
import TestSupport

/// Runs an independent client against the sandbox: discord.py 2.7, unchanged but for its addresses.
@Suite(.serialized) struct StockBotTests {
    static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "StockBots/discordpy_bot.py").path

    private func play(_ sandbox: RunningSandbox, token: String, guild: UInt64, channel: UInt64) async throws -> [JSON] {
        let process = try ChildProcess(
            try await python(with: "discord") + [
                Self.script, sandbox.base, token, String(guild), String(channel), String(Seed.Users.juno),
            ])
        let status = try await process.exit(within: .seconds(110))
        #expect(status == 0, "\(process.text)")
        return process.text.split(separator: "\n").compactMap { try? JSON(parsing: Array($0.utf8)) }
    }

    @Test(.timeLimit(.minutes(2)))
    func `discord py logs in, syncs, chunks, sends, answers, follows up, edits and makes a voice channel`() async throws
    {
        try await RunningSandbox.with { sandbox in
            let steps = try await play(
                sandbox, token: RunningSandbox.token, guild: Seed.Lantern.guild, channel: Seed.Lantern.general)
            check(steps, bot: RunningSandbox.applicationID)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a token of another bot is an application of its own in the first guild`() async throws {
        try await RunningSandbox.with { sandbox in
            let token = "ODg3NzY2NTU0NDMzMjIxMTAw.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB"
            let steps = try await play(sandbox, token: token, guild: Seed.Lantern.guild, channel: Seed.Lantern.games)
            check(steps, bot: 887_766_554_433_221_100)
            let state = try await sandbox.send("GET", "/sandbox/state").body
            let guilds = state["applications"]?.arrayValue?.last?["guild_ids"]
            #expect(guilds == .ids([Seed.Lantern.guild]))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `discord py's sharded client starts its shards one after the other and gets every guild on its own shard`()
        async throws
    {
        try await RunningSandbox.with(crowd: Seed.Crowd(guilds: 2600, members: 3)) { sandbox in
            let script = URL(fileURLWithPath: Self.script).deletingLastPathComponent()
                .appending(path: "discordpy_shards.py").path
            let guild = Seed.Crowd.guild(7)
            let person = Seed.Crowd(guilds: 2600, members: 3).members(ofGuild: 7)[1]
            let process = try ChildProcess(
                try await python(with: "discord") + [
                    script, sandbox.base, RunningSandbox.token, String(guild), String(Seed.Crowd.channel(of: guild)),
                    String(person),
                ])
            let status = try await process.exit(within: .seconds(110))
            #expect(status == 0, "\(process.text)")
            let steps = process.text.split(separator: "\n").compactMap { try? JSON(parsing: Array($0.utf8)) }
            func step(_ name: String) -> JSON { steps.first { $0["step"]?.stringValue == name } ?? .null }
            #expect(step("refused")["code"] == 4011, "all guilds in one session are too many")
            #expect(step("ready")["shards"] == 3)
            #expect(step("ready")["guilds"] == 2602)
            #expect(step("ready")["misplaced"] == 0)
            #expect(step("pressed")["status"] == "answered")
            #expect(step("pressed")["content"] == "On shard \((guild >> 22) % 3)")
        }
    }

    private func check(_ steps: [JSON], bot: UInt64) {
        func step(_ name: String) -> JSON { steps.first { $0["step"]?.stringValue == name } ?? .null }
        #expect(step("failed") == .null)
        #expect(step("synced")["commands"] == ["greet"])
        #expect(step("ready")["user"] == .id(bot))
        #expect(step("ready")["chunked"] == true)
        let members = step("ready")["members"]?.arrayValue ?? []
        #expect(members.contains(.id(Seed.Users.tomas)) && !members.contains(.id(Seed.Users.sable)))
        #expect(step("sent")["buttons"] == 2)
        #expect(step("pressed")["status"] == "answered")
        #expect(step("pressed")["type"] == 4)
        #expect(step("pressed")["content"] == "Welcome indeed")
        #expect(step("pressed")["ephemeral"] == true)
        #expect(step("pressed")["follow_ups"] == ["Seen by all"])
        #expect(step("deferred")["type"] == 6)
        #expect(step("deferred")["content"] == "Later, then")
        #expect(step("commanded")["status"] == "answered")
        #expect(step("commanded")["content"] == "Hello Juno ×2")
        #expect(step("edited")["same"] == true)
        #expect(step("edited")["rows"] == 0)
        #expect(step("voice")["limit"] == 4)
        #expect(step("voice")["connect"] == false)
        #expect(step("voice")["listed"] == true)
        #expect(step("deleted")["code"] == 10008)
    }
}
