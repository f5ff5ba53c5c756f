import DiscordSandbox
import Testing

struct RESTTests {
    let test = TestRealm()
    let messages = "/channels/\(Seed.Lantern.general)/messages"

    @Test func `a message carries every documented field`() throws {
        let answer = test.bot(
            "POST", messages,
            [
                "content": "Hello <@\(Seed.Users.tomas)>",
                "embeds": [["title": "T", "fields": [["name": "n", "value": "v"]]]],
                "components": [
                    ["type": 1, "components": [["type": 2, "style": 3, "label": "Join", "custom_id": "j"]]]
                ],
            ])
        #expect(answer.status == 200)
        let body = try #require(answer.body)
        for key in [
            "id", "channel_id", "author", "content", "timestamp", "edited_timestamp", "tts", "mention_everyone",
            "mentions", "mention_roles", "attachments", "embeds", "pinned", "type", "flags", "components",
        ] { #expect(body[key] != nil, "\(key)") }
        #expect(body["mentions"]?[0]?["id"] == .id(Seed.Users.tomas))
        #expect(body["components"]?[0]?["components"]?[0]?["id"]?.intValue == 2)
        #expect(body["embeds"]?[0]?["fields"]?[0]?["inline"] == false)
        #expect(test.bot("GET", "\(messages)/\(body["id"]!.stringValue!)").body == body)
    }

    @Test func `form errors are nested and all reported at once`() throws {
        let answer = test.bot(
            "POST", messages,
            [
                "content": .string(String(repeating: "x", count: 2001)),
                "components": [
                    [
                        "type": 1,
                        "components": [
                            ["type": 2, "style": 1, "label": "a", "custom_id": "same"],
                            ["type": 2, "style": 1, "label": "b", "custom_id": "same"],
                        ],
                    ]
                ],
            ])
        #expect(answer.status == 400)
        #expect(answer.body?["code"] == 50035)
        let errors = try #require(answer.body?["errors"])
        #expect(errors["content"]?["_errors"]?[0]?["code"] == "BASE_TYPE_MAX_LENGTH")
        let second = errors["components"]?["0"]?["components"]?["1"]
        #expect(second?["custom_id"]?["_errors"]?[0]?["code"] == "COMPONENT_CUSTOM_ID_DUPLICATED")
    }

    @Test(arguments: [
        ("POST", "/channels/1/messages", 404, 10003),
        ("GET", "/channels/\(Seed.Lantern.general)/messages/1", 404, 10008),
        ("GET", "/guilds/9", 404, 10004), ("GET", "/users/9", 404, 10013),
        ("GET", "/guilds/\(Seed.Lantern.guild)/members/\(Seed.Users.wren)", 404, 10007),
        ("GET", "/guilds/\(Seed.Lantern.guild)/members/77", 404, 10013),
        ("GET", "/channels/\(Seed.Lantern.keepersOnly)", 403, 50001), ("GET", "/nothing", 404, 0),
        ("PUT", "/users/@me", 405, 0), ("GET", "/channels/abc", 400, 50035),
        ("DELETE", "/guilds/\(Seed.Lantern.guild)/members/\(Seed.Users.mira)", 403, 50013),
    ])
    func `what can't be done has Discord's status and code`(method: String, path: String, status: Int, code: Int) {
        let answer = test.bot(method, path, method == "POST" ? ["content": "x"] : nil)
        #expect(answer.status == status)
        #expect(answer.body?["code"]?.intValue == code)
        #expect(answer.body?["message"]?.stringValue != nil)
    }

    @Test func `without a valid token nothing is answered`() {
        #expect(test.bot("GET", "/users/@me", token: "wrong").status == 401)
        let changed = RunningSandbox.token.dropLast() + "X"
        #expect(test.bot("GET", "/users/@me", token: String(changed)).status == 401)
        let nameless = APIRequest(
            method: "GET", path: "/api/v10/users/@me", authorization: "Bot \(RunningSandbox.token)", userAgent: nil)
        #expect(test.realm.respond(to: nameless).status == 403)
    }

    @Test func `an enforced nonce makes one message of two requests`() {
        let body: JSON = ["content": "once", "nonce": "n1", "enforce_nonce": true]
        let first = test.bot("POST", messages, body)
        let second = test.bot("POST", messages, body)
        #expect(first.body?["id"] == second.body?["id"])
    }

    @Test func `allowed mentions limit the users that are mentioned`() {
        let content = JSON.string("<@\(Seed.Users.tomas)> <@&\(Seed.Lantern.regularRole)> @everyone")
        let none = test.bot("POST", messages, ["content": content, "allowed_mentions": ["parse": []]])
        #expect(none.body?["mentions"] == [] && none.body?["mention_roles"] == [])
        #expect(none.body?["mention_everyone"] == false)
        let some = test.bot("POST", messages, ["content": content])
        #expect(some.body?["mention_roles"] == .ids([Seed.Lantern.regularRole]))
        #expect(some.body?["mention_everyone"] == true)
    }

    @Test func `buckets are counted by channel and reset when the window closes`() {
        var last = test.bot("POST", messages, ["content": "1"])
        #expect(last.header("X-RateLimit-Limit") == "5")
        #expect(last.header("X-RateLimit-Remaining") == "4")
        #expect(last.header("Via") != nil)
        for _ in 0..<4 { last = test.bot("POST", messages, ["content": "x"]) }
        #expect(last.header("X-RateLimit-Remaining") == "0")
        let refused = test.bot("POST", messages, ["content": "x"])
        #expect(refused.status == 429)
        #expect(refused.header("Retry-After") == "5")
        #expect(refused.header("X-RateLimit-Scope") == "user")
        #expect(refused.body?["retry_after"]?.doubleValue == 5)
        #expect(refused.body?["global"] == false)
        let elsewhere = test.bot("POST", "/channels/\(Seed.Lantern.games)/messages", ["content": "x"])
        #expect(elsewhere.status == 200)
        #expect(elsewhere.header("X-RateLimit-Bucket") == last.header("X-RateLimit-Bucket"))
        test.advance(by: .milliseconds(5001))
        #expect(test.bot("POST", messages, ["content": "x"]).status == 200)
    }

    @Test func `over fifty requests a second the limit over all routes answers`() {
        var answers: [APIResponse] = []
        for index in 0..<60 { answers.append(test.bot("GET", "/nothing/\(index)")) }
        #expect(answers.allSatisfy { $0.status == 404 })
        for index in 0..<60 {
            let channel = index % 2 == 0 ? Seed.Lantern.general : Seed.Lantern.games
            answers.append(test.bot("GET", "/channels/\(channel)"))
        }
        let limited = answers.filter { $0.status == 429 && $0.header("X-RateLimit-Global") == "true" }
        #expect(!limited.isEmpty)
        #expect(limited.allSatisfy { $0.body?["global"] == true && $0.header("X-RateLimit-Scope") == "global" })
    }

    @Test func `a channel changes its name twice in ten minutes`() {
        let path = "/channels/\(Seed.Lantern.hearth)"
        #expect(test.bot("PATCH", path, ["name": "one"]).status == 200)
        #expect(test.bot("PATCH", path, ["name": "two"]).status == 200)
        let third = test.bot("PATCH", path, ["name": "three"])
        #expect(third.status == 429)
        #expect(third.header("X-RateLimit-Remaining") != "0")
        #expect(test.bot("PATCH", path, ["user_limit": 3]).status == 200)
    }

    @Test func `a bot handles only roles below its own`() {
        let member = "/guilds/\(Seed.Lantern.guild)/members/\(Seed.Users.tomas)/roles"
        #expect(test.bot("PUT", "\(member)/\(Seed.Lantern.keeperRole)").body?["code"] == 50013)
        #expect(test.bot("DELETE", "\(member)/\(Seed.Lantern.regularRole)").status == 204)
        let made = test.bot("POST", "/guilds/\(Seed.Lantern.guild)/roles", ["name": "Table", "permissions": "0"])
        #expect(made.status == 200)
        #expect(test.bot("PUT", "\(member)/\(made.body!["id"]!.stringValue!)").status == 204)
        let mighty = test.bot("POST", "/guilds/\(Seed.Lantern.guild)/roles", ["permissions": "8"])
        #expect(mighty.body?["code"] == 50013)
    }

    @Test func `members are moved between voice channels if they are in one`() throws {
        let member = "/guilds/\(Seed.Lantern.guild)/members/\(Seed.Users.tomas)"
        let move: JSON = ["channel_id": .id(Seed.Lantern.snug)]
        #expect(test.bot("PATCH", member, move).body?["code"] == 40032)
        _ = try Script(realm: test.realm).voice([
            "user_id": .id(Seed.Users.tomas), "guild_id": .id(Seed.Lantern.guild),
            "channel_id": .id(Seed.Lantern.hearth),
        ])
        let listener = try test.connect(intents: [.guilds, .guildVoiceStates])
        #expect(test.bot("PATCH", member, move).status == 200)
        #expect(listener.events("VOICE_STATE_UPDATE").last?["channel_id"] == .id(Seed.Lantern.snug))
        #expect(test.bot("PATCH", member, ["channel_id": nil]).status == 200)
        #expect(listener.events("VOICE_STATE_UPDATE").last?["channel_id"] == .null)
    }

    @Test func `a bot that may moderate times members out, no administrators, and 28 days at most`() throws {
        let guild = Seed.Lantern.guild
        let now = test.realm.transaction { $0.world.now }
        func path(_ user: UInt64) -> String { "/guilds/\(guild)/members/\(user)" }
        func until(_ days: Int64) -> JSON {
            ["communication_disabled_until": .string(Timestamp.format(now + days * 86_400_000))]
        }
        #expect(test.bot("PATCH", path(Seed.Users.tomas), until(1)).body?["code"] == 50013, "it may not yet")
        func install(_ permissions: Permissions) throws {
            let script = Script(realm: test.realm)
            _ = try script.uninstall(["guild_id": .id(guild)])
            _ = try script.install(["guild_id": .id(guild), "permissions": .string(String(permissions.rawValue))])
        }
        // A bot that comes anew stands below the roles that were there.
        _ = try Script(realm: test.realm).roles([
            "guild_id": .id(guild), "user_id": .id(Seed.Users.tomas), "role_id": .id(Seed.Lantern.regularRole),
            "action": "remove",
        ])
        try install([.moderateMembers, .manageRoles])
        let listener = try test.connect(intents: [.guilds, .guildMembers])
        #expect(test.bot("PATCH", path(Seed.Users.tomas), until(29)).body?["code"] == 50035)
        #expect(test.bot("PATCH", path(Seed.Users.mira), until(1)).body?["code"] == 50013, "the owner")
        #expect(listener.events("GUILD_MEMBER_UPDATE").isEmpty)
        let answer = test.bot("PATCH", path(Seed.Users.tomas), until(28))
        let time = until(28)["communication_disabled_until"]
        #expect(answer.status == 200 && answer.body?["communication_disabled_until"] == time)
        #expect(listener.events("GUILD_MEMBER_UPDATE").last?["communication_disabled_until"] == time)
        let left = test.realm.transaction { $0.world.permissions(of: Seed.Users.tomas, inChannel: Seed.Lantern.games) }
        #expect(left == [.viewChannel, .readMessageHistory])
        let none: JSON = ["communication_disabled_until": nil]
        #expect(test.bot("PATCH", path(Seed.Users.tomas), none).status == 200)
        #expect(listener.events("GUILD_MEMBER_UPDATE").last?["communication_disabled_until"] == .null)
        try install(.administrator)
        let made = test.bot("POST", "/guilds/\(guild)/roles", ["permissions": "8"]).body
        let role = try #require(made?["id"]?.snowflake)
        #expect(test.bot("PUT", path(Seed.Users.tomas) + "/roles/\(role)").status == 204)
        #expect(test.bot("PATCH", path(Seed.Users.tomas), until(1)).body?["code"] == 50013)
        #expect(test.bot("PATCH", path(Seed.Users.tomas), none).status == 200)
    }

    @Test func `a direct message needs a guild in common`() {
        func send(_ user: UInt64) -> APIResponse {
            let channel = test.bot("POST", "/users/@me/channels", ["recipient_id": .id(user)]).body!["id"]!.stringValue!
            return test.bot("POST", "/channels/\(channel)/messages", ["content": "Psst"])
        }
        #expect(send(Seed.Users.sable).status == 200)
        #expect(send(Seed.Users.wren).body?["code"] == 50007)
    }

    @Test func `scheduled events are made, changed and deleted`() {
        let path = "/guilds/\(Seed.Lantern.guild)/scheduled-events"
        let bad = test.bot("POST", path, ["name": "x", "entity_type": 3, "privacy_level": 2])
        #expect(bad.body?["errors"]?["scheduled_start_time"] != nil)
        let made = test.bot(
            "POST", path,
            [
                "name": "Night", "entity_type": 2, "privacy_level": 2, "channel_id": .id(Seed.Lantern.hearth),
                "scheduled_start_time": "2030-01-01T00:00:00Z",
            ])
        #expect(made.status == 200)
        let one = "\(path)/\(made.body!["id"]!.stringValue!)"
        #expect(test.bot("PATCH", one, ["status": 2]).body?["status"] == 2)
        #expect(test.bot("DELETE", one).status == 204)
        #expect(test.bot("GET", one).body?["code"] == 10070)
    }

    @Test func `commands are checked and replaced as a whole`() {
        let path = "/applications/\(TestRealm.bot)/commands"
        let bad = test.bot("PUT", path, [["name": "Has Space", "description": "d"], ["name": "ok"]])
        #expect(bad.body?["errors"]?["0"]?["name"] != nil)
        #expect(bad.body?["errors"]?["1"]?["description"] != nil)
        let first = test.bot("PUT", path, [["name": "a", "description": "A"], ["name": "b", "description": "B"]])
        let second = test.bot("PUT", path, [["name": "b", "description": "B2"]])
        #expect(second.body?[0]?["id"] == first.body?[1]?["id"])
        #expect(test.bot("GET", path).body?.arrayValue?.count == 1)
        #expect(test.bot("PUT", "/applications/1/commands", []).status == 404)
    }

    @Test func `asked for faults come and go`() throws {
        let script = Script(realm: test.realm)
        _ = try script.setFaults([
            "rate_limit": ["count": 2, "scope": "shared", "retry_after": 0.25], "server_errors": 1, "latency_ms": 30,
        ])
        #expect(test.bot("GET", "/users/@me").status == 503)
        let limited = test.bot("GET", "/users/@me")
        #expect(limited.status == 429 && limited.header("X-RateLimit-Scope") == "shared")
        #expect(limited.latency == .milliseconds(30))
        #expect(test.bot("GET", "/users/@me").status == 429)
        #expect(test.bot("GET", "/users/@me").status == 200)
        #expect(throws: Refusal.self) { try script.setFaults(["typo": 1]) }
        #expect(script.resetFaults()["latency_ms"] == 0)
    }
}
