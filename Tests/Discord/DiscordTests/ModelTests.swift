import Core
import Discord
import FoundationEssentials
import Testing

struct ModelTests {
    private func decode<T: Decodable>(_ type: T.Type, _ json: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    private func object(_ value: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    @Test func `a user with the fewest fields reads, and writes every documented null`() throws {
        let user = try decode(User.self, #"{"id":"80351110224678912","username":"nelly","unheard_of":[1]}"#)
        #expect(user.id == 80_351_110_224_678_912)
        let written = try object(user)
        #expect(written["avatar"] == .null)
        #expect(written["global_name"] == .null)
        #expect(written["discriminator"] == "")
        #expect(written["id"] == "80351110224678912")
        #expect(written["email"] == nil)
    }

    @Test func `snowflakes and permissions read from numbers and strings and write as strings`() throws {
        let overwrite = try decode(
            PermissionOverwrite.self, #"{"id":41771983423143936,"type":0,"allow":1024,"deny":"8"}"#)
        #expect(overwrite.allow == .viewChannel)
        #expect(overwrite.deny == .administrator)
        #expect(try object(overwrite)["allow"] == "1024")
        #expect(Snowflake("175928847299117063")?.milliseconds == 1_462_015_105_796)
    }

    @Test(arguments: ["", "-1", "+1", "01", "1 ", "18446744073709551616", "１", "1e3"])
    func `text that is not a snowflake is refused`(text: String) { #expect(Snowflake(text) == nil) }

    @Test func `a guild create has the guild and its contents on one level`() throws {
        let json = #"""
            {"op":0,"s":3,"t":"GUILD_CREATE","d":{"id":"1","name":"Lantern Tavern","owner_id":"2","roles":[{"id":"1",
            "name":"@everyone","permissions":"3072","tags":{"premium_subscriber":null}}],"joined_at":"2021-05-13T19:48:49.264000+00:00",
            "member_count":2,"members":[{"user":{"id":"2","username":"a"},"roles":[],"joined_at":null}],
            "channels":[{"id":"5","type":0,"name":"games"}],"voice_states":[{"user_id":"2","session_id":"x","channel_id":null}]}}
            """#
        let message = try decode(GatewayMessage.self, json)
        guard case .dispatch(.guildCreate(let create), 3) = message else {
            Issue.record("read as \(message)")
            return
        }
        #expect(create.guild.name == "Lantern Tavern")
        #expect(create.guild.roles.first?.permissions == [.viewChannel, .sendMessages])
        #expect(create.guild.roles.first?.tags?.premiumSubscriber == true)
        #expect(create.members.first?.displayName == "a")
        #expect(create.channels.first?.type == .guildText)
        let again = try JSONDecoder().decode(GatewayMessage.self, from: JSONEncoder().encode(message))
        #expect(again == message)
        #expect(try object(message)["d"]?["afk_channel_id"] == .null)
        #expect(try object(message)["d"]?["member_count"] == 2)
    }

    @Test func `an event that is not as documented becomes malformed and names the place only`() throws {
        let message = try decode(
            GatewayMessage.self, #"{"op":0,"s":3,"t":"GUILD_ROLE_DELETE","d":{"guild_id":"secret"}}"#)
        guard case .dispatch(.malformed("GUILD_ROLE_DELETE", let reason), 3) = message else {
            Issue.record("read as \(message)")
            return
        }
        #expect(reason.contains("guild_id") && !reason.contains("secret"))
    }

    @Test(arguments: [
        GatewayCommand.heartbeat(nil), .heartbeat(251),
        .identify(Identify(token: Token("a.b.c"), properties: IdentifyProperties(os: "linux"), intents: [.guilds])),
        .resume(Resume(token: Token("a.b.c"), sessionID: "s", seq: 1337)),
        .requestMembers(RequestGuildMembers(guildID: 9, query: "", limit: 0, nonce: "n")),
    ])
    func `a command survives the wire`(command: GatewayCommand) throws {
        #expect(try JSONDecoder().decode(GatewayCommand.self, from: JSONEncoder().encode(command)) == command)
        #expect(!"\(command)".contains("a.b.c"))
    }

    @Test func `timestamps are written as Discord writes them`() {
        let timestamp = Timestamp(Date(timeIntervalSince1970: 1_620_935_329.264))
        #expect(timestamp.text == "2021-05-13T19:48:49.264000+00:00")
        #expect(timestamp.date.map { ($0.timeIntervalSince1970 * 1000).rounded() } == 1_620_935_329_264)
        #expect(Timestamp(text: "2021-05-13T19:48:49+00:00").date?.timeIntervalSince1970 == 1_620_935_329)
        #expect(Timestamp(Date(timeIntervalSince1970: -1)).text == "1969-12-31T23:59:59.000000+00:00")
    }
}
