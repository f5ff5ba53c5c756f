import DiscordSandbox
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct ScriptEndpointTests {
    @Test(arguments: [
        ("press", "{", 400), ("press", "[]", 400), ("press", "{}", 400), ("press", "{\"user_id\":\"x\"}", 400),
        ("command", "{\"user_id\":\"100000000000000001\",\"channel_id\":\"1\",\"name\":\"x\"}", 404),
        ("people", "{\"names\":[]}", 400), ("people", "{\"names\":[1]}", 400),
        ("members", "{\"guild_id\":\"1\"}", 404), ("roles", "{\"guild_id\":\"300000000000000001\"}", 400),
        ("members", "{\"guild_id\":300000000000000001,\"user_id\":100000000000000005,\"action\":\"x\"}", 400),
        ("voice", "{\"user_id\":\"100000000000000005\",\"guild_id\":\"300000000000000001\",\"channel_id\":null}", 404),
        ("install", "{\"guild_id\":\"300000000000000001\",\"user_id\":\"100000000000000002\"}", 403),
        ("faults", "{\"rate_limit\":-1}", 400), ("nothing", "{}", 404),
    ])
    func `bad input has a clear error`(name: String, body: String, status: Int) async throws {
        try await RunningSandbox.with { sandbox in
            var request = URLRequest(url: URL(string: "\(sandbox.base)/sandbox/\(name)")!)
            request.httpMethod = "POST"
            request.httpBody = Data(body.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            let (data, response) = try await URLSession.shared.data(for: request)
            let json = try JSON(parsing: [UInt8](data))
            #expect((response as? HTTPURLResponse)?.statusCode == status)
            #expect(json["error"]?["code"]?.stringValue != nil && json["error"]?["message"]?.stringValue != nil)
        }
    }

    @Test func `members, roles and voice change as asked and show in the state`() async throws {
        try await RunningSandbox.with { sandbox in
            let place: JSON = ["guild_id": .id(Seed.Lantern.guild), "user_id": .id(Seed.Users.wren)]
            let added = try await sandbox.send("POST", "/sandbox/members", place.adding(["action": "add"]))
            #expect(added.body["changed"] == true && added.body["member"]?["user"]?["username"] == "wren")
            let role = try await sandbox.send(
                "POST", "/sandbox/roles", place.adding(["action": "add", "role_id": .id(Seed.Lantern.regularRole)]))
            #expect(role.body["member"]?["roles"] == .ids([Seed.Lantern.regularRole]))
            let voice = try await sandbox.send(
                "POST", "/sandbox/voice", place.adding(["channel_id": .id(Seed.Lantern.hearth)]))
            #expect(voice.body["channel_id"] == .id(Seed.Lantern.hearth))
            let people = try await sandbox.send(
                "POST", "/sandbox/people", ["guild_id": .id(Seed.Cedar.guild), "names": ["Quill", "Rook"]])
            let ids = people.body["users"]?.arrayValue?.compactMap { $0["id"] } ?? []
            let state = try await sandbox.send("GET", "/sandbox/state").body
            let cedar = state["members"]?.arrayValue?.filter { $0["guild_id"] == .id(Seed.Cedar.guild) } ?? []
            #expect(ids.count == 2 && ids.allSatisfy { id in cedar.contains { $0["user_id"] == id } }, "\(people.body)")
            for key in ["users", "guilds", "channels", "members", "messages", "voice_states", "commands"] {
                #expect(state[key]?.arrayValue != nil, "\(key)")
            }
            #expect(state["users"]?.arrayValue?.filter { $0["bot"] == nil }.count == 8)
            #expect(state["voice_states"]?[0]?["user_id"] == .id(Seed.Users.wren))
            _ = try await sandbox.send("POST", "/sandbox/members", place.adding(["action": "remove"]))
            let after = try await sandbox.send("GET", "/sandbox/state").body
            #expect(after["voice_states"] == [])
        }
    }
}
