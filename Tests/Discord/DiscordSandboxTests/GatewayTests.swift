import DiscordSandbox
import Testing

struct GatewayTests {
    let test = TestRealm()
    let everything: Intents = [.guilds, .guildMembers, .guildVoiceStates, .guildMessages]

    private func write(_ content: String, in channel: UInt64 = Seed.Lantern.general) throws {
        _ = try Script(realm: test.realm).message([
            "user_id": .id(Seed.Users.mira), "channel_id": .id(channel), "content": .string(content),
        ])
    }

    @Test func `identify brings READY and a guild after the other`() throws {
        let listener = try test.connect(intents: everything)
        #expect(listener.names == ["READY", "GUILD_CREATE", "GUILD_CREATE"])
        let ready = try #require(listener.events("READY").first)
        #expect(ready["guilds"]?[0] == ["id": .id(Seed.Lantern.guild), "unavailable": true])
        #expect(ready["application"]?["id"] == .id(TestRealm.bot))
        let guild = try #require(listener.events("GUILD_CREATE").first)
        for key in [
            "joined_at", "large", "member_count", "voice_states", "members", "channels", "threads", "presences",
        ] {
            #expect(guild[key] != nil, "\(key)")
        }
        #expect(guild["member_count"] == 4)
        #expect(guild["members"]?.arrayValue?.count == 1)
    }

    @Test func `a client that is refused gets the reason`() {
        func code(_ intents: Intents, _ token: String, _ extra: JSON = [:]) -> Realm.Denial? {
            do throws(Realm.Denial) {
                _ = try test.connect(intents: intents, token: token, extra: extra)
                return nil
            } catch { return error }
        }
        #expect(code(.guilds, "wrong") == .close(code: 4004, reason: "Authentication failed."))
        #expect(
            code(Intents(rawValue: 1 << 19), RunningSandbox.token) == .close(code: 4013, reason: "Invalid intent(s)."))
        #expect(
            code(.guilds, RunningSandbox.token, ["shard": [2, 2]]) == .close(code: 4010, reason: "Invalid shard."))
        _ = try? Script(realm: test.realm).setFaults(["disallowed_intents": 2])
        #expect(
            code(.guildMembers, RunningSandbox.token) == .close(code: 4014, reason: "Disallowed intent(s)."))
        for _ in 0..<16 { _ = code(.guilds, RunningSandbox.token) }
        #expect(code(.guilds, RunningSandbox.token) == .invalidSession(isResumable: false))
    }

    @Test func `intents and channel permissions filter what is received`() throws {
        let members = try test.connect(intents: [.guilds])
        try write("in the open")
        #expect(!members.names.contains("MESSAGE_CREATE"))
        let listener = try test.connect(intents: everything)
        try write("in the open")
        try write("in private", in: Seed.Lantern.keepersOnly)
        let received = listener.events("MESSAGE_CREATE")
        #expect(received.count == 1)
        #expect(received[0]["content"] == "", "without the message-content intent")
        #expect(received[0]["member"]?["roles"] != nil)
    }

    @Test func `resume replays exactly what was missed`() throws {
        let first = try test.connect(intents: everything)
        try write("received")
        let seen = first.sequence
        test.realm.detach(first.sessionID, outletID: first.id, isOver: false)
        try write("missed 1")
        try write("missed 2")
        let second = Listener()
        let session = try test.realm.resume(
            token: RunningSandbox.token, sessionID: first.sessionID, sequence: seen, outlet: second.outlet())
        #expect(session == first.sessionID)
        #expect(second.names == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"])
        #expect(second.received.compactMap { $0["s"]?.intValue } == [seen + 1, seen + 2, seen + 3])
        try write("live")
        #expect(second.sequence == seen + 4)
        #expect(first.sequence == seen)
    }

    @Test func `sessions that are over can't be resumed`() throws {
        func resume(_ session: String?, _ sequence: Int?) -> Realm.Denial? {
            do throws(Realm.Denial) {
                _ = try test.realm.resume(
                    token: RunningSandbox.token, sessionID: session, sequence: sequence, outlet: Listener().outlet())
                return nil
            } catch { return error }
        }
        #expect(resume(nil, 1) == .invalidSession(isResumable: false))
        #expect(resume("unknown", 1) == .invalidSession(isResumable: false))
        let closed = try test.connect(intents: .guilds)
        test.realm.detach(closed.sessionID, outletID: closed.id, isOver: true)
        #expect(resume(closed.sessionID, 1) == .invalidSession(isResumable: false))
        let old = try test.connect(intents: .guilds)
        test.realm.detach(old.sessionID, outletID: old.id, isOver: false)
        test.advance(by: .milliseconds(300_001))
        #expect(resume(old.sessionID, 1) == .invalidSession(isResumable: false))
        let ahead = try test.connect(intents: .guilds)
        #expect(resume(ahead.sessionID, 99) == .close(code: 4007, reason: "Invalid `seq`."))
        let busy = try test.connect(intents: everything)
        for index in 0..<2100 {
            if index % 500 == 0 { test.advance(by: .milliseconds(1)) }
            try write("\(index)")
        }
        #expect(resume(busy.sessionID, 3) == .invalidSession(isResumable: false))
    }

    @Test func `a second connection takes the session over from the first`() throws {
        let first = try test.connect(intents: everything)
        let second = Listener()
        _ = try test.realm.resume(
            token: RunningSandbox.token, sessionID: first.sessionID, sequence: first.sequence, outlet: second.outlet())
        #expect(first.closeCode == 4000)
        test.realm.detach(first.sessionID, outletID: first.id, isOver: true)
        try write("still here")
        #expect(second.names.last == "MESSAGE_CREATE")
    }

    @Test func `members come in chunks with the nonce that was asked with`() throws {
        let listener = try test.connect(intents: everything)
        let ask: JSON = ["guild_id": .id(Seed.Lantern.guild), "query": "", "limit": 0, "nonce": "abc"]
        #expect(test.realm.requestMembers(ask, sessionID: listener.sessionID))
        let chunk = try #require(listener.events("GUILD_MEMBERS_CHUNK").first)
        #expect(chunk["members"]?.arrayValue?.count == 4)
        #expect(chunk["nonce"] == "abc" && chunk["chunk_index"] == 0 && chunk["chunk_count"] == 1)
        let some: JSON = ["guild_id": .id(Seed.Lantern.guild), "user_ids": .ids([Seed.Users.tomas, Seed.Users.wren])]
        #expect(test.realm.requestMembers(some, sessionID: listener.sessionID))
        #expect(listener.events("GUILD_MEMBERS_CHUNK").last?["not_found"] == .ids([Seed.Users.wren]))
        let without = try test.connect(intents: .guilds)
        #expect(!test.realm.requestMembers(ask, sessionID: without.sessionID))
    }

    @Test func `installing and uninstalling sends events to the bot and the others`() throws {
        let listener = try test.connect(intents: everything)
        let other = try test.connect(
            intents: everything, token: "ODg3NzY2NTU0NDMzMjIxMTAw.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB")
        let script = Script(realm: test.realm)
        let place: JSON = ["guild_id": .id(Seed.Lantern.guild), "user_id": .id(Seed.Users.mira)]
        #expect(try script.uninstall(place)["changed"] == true)
        #expect(listener.events("GUILD_DELETE") == [["id": .id(Seed.Lantern.guild)]])
        #expect(other.names.contains("GUILD_MEMBER_REMOVE"))
        let count = listener.received.count
        #expect(try script.install(place)["guild_ids"] == .ids([Seed.Lantern.guild, Seed.Cedar.guild]))
        #expect(listener.received[count...].compactMap { $0["t"]?.stringValue } == ["GUILD_CREATE"])
        #expect(other.names.contains("GUILD_MEMBER_ADD") && other.names.contains("GUILD_ROLE_CREATE"))
        #expect(throws: Refusal.self) {
            try script.install(["guild_id": .id(Seed.Cedar.guild), "user_id": .id(Seed.Users.juno)])
        }
    }

    @Test func `shards share the guilds out`() throws {
        let shards = try (0..<2).map { index in
            // One in five seconds.
            test.advance(by: .seconds(5))
            return try test.connect(intents: everything, extra: ["shard": [.int(index), 2]])
        }
        let guilds = shards.map { $0.events("GUILD_CREATE").compactMap { $0["id"]?.snowflake } }
        #expect(Set(guilds.flatMap { $0 }) == [Seed.Lantern.guild, Seed.Cedar.guild])
        for (index, list) in guilds.enumerated() {
            #expect(list.allSatisfy { Int(($0 >> 22) % 2) == index })
        }
    }
}
