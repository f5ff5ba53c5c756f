import DiscordSandbox
import Testing

struct InteractionTests {
    let test = TestRealm()

    private var script: Script { Script(realm: test.realm) }

    private func button() throws -> JSON {
        let sent = test.bot(
            "POST", "/channels/\(Seed.Lantern.general)/messages",
            [
                "content": "Press",
                "components": [
                    [
                        "type": 1,
                        "components": [
                            ["type": 2, "style": 1, "label": "Go", "custom_id": "go"],
                            ["type": 2, "style": 1, "label": "No", "custom_id": "no", "disabled": true],
                        ],
                    ]
                ],
            ])
        return try #require(sent.body?["id"])
    }

    /// Presses, and hands the interaction to `answer` as the application would get it.
    private func press(_ message: JSON, answer: (JSON) -> Void) async throws -> JSON {
        let listener = try test.connect(intents: .guilds)
        async let outcome = script.press([
            "user_id": .id(Seed.Users.juno), "message_id": message, "custom_id": "go",
        ])
        while listener.events("INTERACTION_CREATE").isEmpty { await Task.yield() }
        answer(listener.events("INTERACTION_CREATE")[0])
        return try await outcome
    }

    private func path(_ interaction: JSON) -> String {
        "/interactions/\(interaction["id"]!.stringValue!)/\(interaction["token"]!.stringValue!)/callback"
    }

    private func webhook(_ interaction: JSON) -> String {
        "/webhooks/\(TestRealm.bot)/\(interaction["token"]!.stringValue!)"
    }

    @Test func `answers that one person sees push no message out of a channel`() async throws {
        let first = test.realm.transaction { $0.world.messages[Seed.Lantern.general]?.count ?? 0 }
        test.realm.transaction { $0.world.limits.messagesPerChannel = first + 3 }
        let message = try button()
        for _ in 1...5 {
            _ = try await press(message) { interaction in
                test.bot("POST", path(interaction), ["type": 4, "data": ["content": "Hi", "flags": 64]])
            }
        }
        let kept = test.realm.transaction { $0.world.messages[Seed.Lantern.general] ?? [] }
        #expect(kept.count == first + 3)
        #expect(kept.contains { .id($0.id) == message })
    }

    @Test func `an answer that one person sees arrives also where the channel holds no more`() async throws {
        let message = try button()
        test.realm.transaction {
            $0.world.limits.messagesPerChannel = $0.world.messages[Seed.Lantern.general]?.count ?? 0
        }
        _ = try await press(message) { interaction in
            test.bot("POST", path(interaction), ["type": 4, "data": ["content": "Hi", "flags": 64]])
        }
        let last = test.realm.transaction { $0.world.messages[Seed.Lantern.general]?.last }
        #expect(last?.visibleTo == Seed.Users.juno)
    }

    @Test func `a press is answered, followed up and edited`() async throws {
        let message = try button()
        let outcome = try await press(message) { interaction in
            #expect(interaction["member"]?["permissions"]?.stringValue != nil)
            #expect(interaction["data"]?["custom_id"] == "go" && interaction["data"]?["component_type"] == 2)
            #expect(interaction["message"]?["id"] == message)
            let answer = test.bot(
                "POST", path(interaction) + "?with_response=1", ["type": 4, "data": ["content": "Hi", "flags": 64]])
            #expect(answer.status == 200)
            #expect(answer.body?["resource"]?["message"]?["flags"] == 64)
            #expect(answer.body?["interaction"]?["response_message_ephemeral"] == true)
            #expect(answer.header("X-RateLimit-Bucket") == nil)
            #expect(test.bot("POST", path(interaction), ["type": 6]).body?["code"] == 40060)
            #expect(test.bot("POST", webhook(interaction), ["content": "More"]).status == 200)
            #expect(
                test.bot("PATCH", webhook(interaction) + "/messages/@original", ["content": "Hello"]).body?["content"]
                    == "Hello")
        }
        #expect(outcome["status"] == "answered")
        #expect(outcome["response"]?["type"] == 4)
        #expect(outcome["response"]?["message"]?["visible_to"] == .id(Seed.Users.juno))
        let list = test.bot("GET", "/channels/\(Seed.Lantern.general)/messages").body?.arrayValue ?? []
        #expect(list.contains { $0["content"] == "More" } && !list.contains { $0["content"] == "Hello" })
    }

    @Test func `a deferred answer is filled in by the first follow-up`() async throws {
        let outcome = try await press(try button()) { interaction in
            test.bot("POST", path(interaction), ["type": 5])
            let thinking = test.bot("GET", webhook(interaction) + "/messages/@original")
            #expect(thinking.body?["flags"] == 128)
            test.bot("POST", webhook(interaction), ["content": "Done thinking"])
        }
        #expect(outcome["response"]?["message"]?["content"] == "Done thinking")
        #expect(outcome["follow_ups"] == [])
    }

    @Test func `the message itself is updated by types 6 and 7`() async throws {
        let message = try button()
        let outcome = try await press(message) { interaction in
            test.bot("POST", path(interaction), ["type": 7, "data": ["content": "Pressed", "components": []]])
        }
        #expect(outcome["message"]?["content"] == "Pressed" && outcome["message"]?["components"] == [])
    }

    @Test func `after three seconds it is too late`() async throws {
        var late: JSON = .null
        let outcome = try await press(try button()) { interaction in
            late = interaction
            test.advance(by: .milliseconds(3001))
        }
        #expect(outcome["status"] == "timed_out" && outcome["response"] == .null)
        #expect(test.bot("POST", path(late), ["type": 6]).body?["code"] == 10062)
        #expect(test.bot("POST", webhook(late), ["content": "x"]).body?["code"] == 10015)
    }

    @Test func `after fifteen minutes the token is void`() async throws {
        var old: JSON = .null
        _ = try await press(try button()) { interaction in
            old = interaction
            test.bot("POST", path(interaction), ["type": 6])
        }
        test.advance(by: .seconds(15 * 60) + .milliseconds(1))
        #expect(test.bot("POST", webhook(old), ["content": "x"]).body?["code"] == 50027)
    }

    @Test func `what can't be pressed is refused`() async throws {
        let message = try button()
        func refusal(_ user: UInt64, _ message: JSON, _ customID: String) async -> Int? {
            do throws(Refusal) {
                _ = try await script.press([
                    "user_id": .id(user), "message_id": message, "custom_id": .string(customID),
                ])
                return nil
            } catch { return error.status }
        }
        #expect(await refusal(Seed.Users.sable, message, "go") == 403)
        #expect(await refusal(Seed.Users.juno, message, "other") == 404)
        #expect(await refusal(Seed.Users.juno, message, "no") == 409)
        #expect(await refusal(Seed.Users.juno, "1", "go") == 404)
        #expect(await refusal(TestRealm.bot, message, "go") == 400)
    }

    @Test func `command options are typed, checked and resolved`() async throws {
        test.bot(
            "PUT", "/applications/\(TestRealm.bot)/commands",
            [
                [
                    "name": "game", "description": "Games",
                    "options": [
                        [
                            "type": 1, "name": "create", "description": "Creates",
                            "options": [
                                ["type": 3, "name": "title", "description": "Title", "required": true],
                                ["type": 4, "name": "seats", "description": "Seats", "min_value": 2, "max_value": 9],
                                ["type": 6, "name": "host", "description": "Host"],
                            ],
                        ]
                    ],
                ]
            ])
        let listener = try test.connect(intents: .guilds)
        func run(_ options: JSON) async throws(Refusal) -> JSON {
            try await script.command([
                "user_id": .id(Seed.Users.juno), "channel_id": .id(Seed.Lantern.general), "name": "game create",
                "options": options,
            ])
        }
        await #expect(throws: Refusal.self) { try await run([:]) }
        await #expect(throws: Refusal.self) { try await run(["title": "x", "seats": 99]) }
        await #expect(throws: Refusal.self) { try await run(["title": "x", "stranger": 1]) }
        async let outcome = run(["title": "Whist", "seats": "4", "host": .id(Seed.Users.tomas)])
        while listener.events("INTERACTION_CREATE").isEmpty { await Task.yield() }
        let data = try #require(listener.events("INTERACTION_CREATE")[0]["data"])
        let sub = try #require(data["options"]?[0])
        #expect(sub["name"] == "create" && sub["options"]?[0]?["value"] == "Whist" && sub["options"]?[1]?["value"] == 4)
        #expect(data["resolved"]?["users"]?[String(Seed.Users.tomas)]?["username"] == "tomas")
        test.bot("POST", path(listener.events("INTERACTION_CREATE")[0]), ["type": 4, "data": ["content": "Made"]])
        let made = try await outcome
        #expect(made["response"]?["message"]?["interaction_metadata"]?["name"] == "game")
        #expect(made["response"]?["message"]?["type"] == 20)
    }
}
