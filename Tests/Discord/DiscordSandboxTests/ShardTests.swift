import DiscordSandbox
import Testing
import TestSupport

/// What the gateway demands of a bot that is in thousands of guilds.
struct ShardTests {
    private func identify(_ test: TestRealm, _ index: Int, of count: Int) -> Result<Listener, Realm.Denial> {
        do throws(Realm.Denial) {
            return .success(try test.connect(intents: [.guilds], extra: ["shard": [.int(index), .int(count)]]))
        } catch { return .failure(error) }
    }

    private func denial(_ result: Result<Listener, Realm.Denial>) -> Realm.Denial? {
        if case .failure(let denial) = result { denial } else { nil }
    }

    @Test func `a session may have 2500 guilds, and is closed with 4011 when it would have more`() throws {
        let test = TestRealm(crowd: Seed.Crowd(guilds: 2499, members: 1))
        let required = Realm.Denial.close(code: 4011, reason: "Sharding required.")
        #expect(throws: required) { try test.connect(intents: [.guilds]) }
        #expect(denial(identify(test, 0, of: 1)) == required)
        let shard = try identify(test, 1, of: 2).get()
        #expect(shard.events("READY").first?["guilds"]?.arrayValue?.count ?? 0 > 1000)
        #expect(shard.events("READY").first?["shard"] == [1, 2])
        let answer = test.bot("GET", "/gateway/bot").body
        #expect(answer?["shards"] == 3, "one for each thousand guilds")
        // One guild less is few enough.
        let fewer = TestRealm(crowd: Seed.Crowd(guilds: 2498, members: 1))
        _ = try fewer.connect(intents: [.guilds])
    }

    @Test func `one shard of each bucket may identify in five seconds`() throws {
        let test = TestRealm(concurrency: 2)
        #expect(test.bot("GET", "/gateway/bot").body?["session_start_limit"]?["max_concurrency"] == 2)
        _ = try identify(test, 0, of: 4).get()
        _ = try identify(test, 1, of: 4).get()
        #expect(denial(identify(test, 2, of: 4)) == .invalidSession(isResumable: false))
        test.advance(by: .seconds(5))
        _ = try identify(test, 2, of: 4).get()
        _ = try identify(test, 3, of: 4).get()
        #expect(denial(identify(test, 3, of: 4)) == .invalidSession(isResumable: false))
    }

    @Test func `sessions that were started are counted, and more than a day's aren't`() throws {
        let test = TestRealm(sessionStarts: 2)
        func remaining() -> JSON? { test.bot("GET", "/gateway/bot").body?["session_start_limit"]?["remaining"] }
        #expect(remaining() == 2)
        for _ in 0..<2 { _ = try test.connect(intents: [.guilds]) }
        #expect(remaining() == 0)
        #expect(throws: Realm.Denial.invalidSession(isResumable: false)) { try test.connect(intents: [.guilds]) }
        test.advance(by: .seconds(86_400))
        #expect(remaining() == 2)
        _ = try test.connect(intents: [.guilds])
    }

    @Test func `guilds arrive in steps, each once, to the shard that they belong to`() throws {
        let test = TestRealm(crowd: Seed.Crowd(guilds: 700, members: 2), concurrency: 3)
        let shards = try (0..<3).map { try identify(test, $0, of: 3).get() }
        for (index, shard) in shards.enumerated() {
            let promised = (shard.events("READY").first?["guilds"]?.arrayValue ?? []).compactMap { $0["id"]?.snowflake }
            #expect(shard.events("GUILD_CREATE").count == 100, "the first step")
            while test.realm.sendArrivals(shard.sessionID) {}
            let arrived = shard.events("GUILD_CREATE").compactMap { $0["id"]?.snowflake }
            #expect(arrived == promised)
            #expect(arrived.allSatisfy { Int(($0 >> 22) % 3) == index })
        }
        #expect(shards.map { $0.events("GUILD_CREATE").count }.reduce(0, +) == 702)
    }

    @Test func `a guild that has not arrived yet sends its presses but nothing that its arrival will show`()
        async throws
    {
        let test = TestRealm(crowd: Seed.Crowd(guilds: 400, members: 2))
        let listener = try test.connect(intents: [.guilds, .guildMembers, .guildMessages])
        let late = Seed.Crowd.guild(399)
        #expect(!listener.events("GUILD_CREATE").contains { $0["id"]?.snowflake == late })
        let script = Script(realm: test.realm)
        _ = try script.people(["names": ["Newcomer"], "guild_id": .id(late)])
        #expect(listener.events("GUILD_MEMBER_ADD").isEmpty)
        let answer = test.bot(
            "POST", "/channels/\(Seed.Crowd.channel(of: late))/messages",
            [
                "content": "Press",
                "components": [
                    ["type": 1, "components": [["type": 2, "style": 1, "label": "Go", "custom_id": "go"]]]
                ],
            ])
        #expect(answer.status == 200)
        let person = Seed.Crowd(guilds: 400, members: 2).members(ofGuild: 399)[0]
        async let outcome = script.press([
            "user_id": .id(person), "message_id": answer.body?["id"] ?? .null, "custom_id": "go",
        ])
        try await eventually("the press arrives") { !listener.events("INTERACTION_CREATE").isEmpty }
        test.advance(by: .seconds(4))
        _ = try await outcome
        #expect(listener.events("INTERACTION_CREATE").first?["guild_id"] == .id(late))
        while test.realm.sendArrivals(listener.sessionID) {}
        let guild = listener.events("GUILD_CREATE").first { $0["id"]?.snowflake == late }
        #expect(guild?["member_count"] == 4, "with the newcomer and the bot")
    }
}
