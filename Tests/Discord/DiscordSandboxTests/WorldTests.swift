import DiscordSandbox
import Testing

@Suite struct WorldTests {
    let test = TestRealm()

    private func permissions(_ user: UInt64, _ channel: UInt64) -> Permissions {
        test.realm.transaction { $0.world.permissions(of: user, inChannel: channel) }
    }

    @Test func `the seeded world has two guilds and six people, some in both, one or neither`() {
        let guilds = test.realm.transaction { state in
            [Seed.Users.mira, Seed.Users.tomas, Seed.Users.juno, Seed.Users.sable, Seed.Users.wren, Seed.Users.pell]
                .map { state.world.guilds(of: $0).map(\.name) }
        }
        #expect(
            guilds == [
                ["Lantern Tavern", "Cedar Hall"], ["Lantern Tavern"], ["Lantern Tavern", "Cedar Hall"], ["Cedar Hall"],
                [], [],
            ])
        #expect(test.realm.transaction { $0.world.guilds(of: TestRealm.bot).count } == 2)
    }

    @Test func `owners may do everything, strangers nothing`() {
        #expect(permissions(Seed.Users.mira, Seed.Lantern.keepersOnly) == .all)
        #expect(permissions(Seed.Users.wren, Seed.Lantern.general) == [])
    }

    @Test func `an overwrite hides a channel from everyone but a role`() {
        #expect(permissions(Seed.Users.tomas, Seed.Lantern.keepersOnly) == [])
        #expect(permissions(Seed.Users.juno, Seed.Lantern.keepersOnly).contains([.viewChannel, .sendMessages]))
        #expect(permissions(Seed.Users.tomas, Seed.Lantern.general).contains(.sendMessages))
    }

    @Test func `a member's own overwrite outranks those of roles`() {
        let path = "/channels/\(Seed.Lantern.general)/permissions"
        #expect(
            test.bot("PUT", "\(path)/\(Seed.Lantern.regularRole)", ["type": 0, "deny": 2048]).status == 204)
        #expect(!permissions(Seed.Users.tomas, Seed.Lantern.general).contains(.sendMessages))
        #expect(test.bot("PUT", "\(path)/\(Seed.Users.tomas)", ["type": 1, "allow": "2048"]).status == 204)
        #expect(permissions(Seed.Users.tomas, Seed.Lantern.general).contains(.sendMessages))
    }

    @Test func `identifiers grow, also within a millisecond`() {
        let ids = test.realm.transaction { state in (0..<5000).map { _ in state.world.nextID() } }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Int64(ids[0] >> 22) + World.epoch == test.realm.transaction { $0.now })
    }

    @Test(
        arguments: [
            ("MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0", 123_456_789_012_345_678),
            ("not-a-token", nil), ("a.b.c", nil), ("..", nil), ("MTIzNDU2Nzg5MDEyMzQ1Njc4.x", nil),
            ("aGVsbG8gd29ybGQgaGVsbG8.GabcdE.abcdefghijk", nil),
        ] as [(String, UInt64?)])
    func `a token's first part names its application`(token: String, id: UInt64?) {
        #expect(World.applicationID(inToken: token) == id)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000+00:00"), (1_893_456_000_123, "2030-01-01T00:00:00.123000+00:00"),
            (951_782_400_000, "2000-02-29T00:00:00.000000+00:00"),
        ] as [(Int64, String)])
    func `times are written as Discord does and read back`(time: Int64, text: String) {
        #expect(Timestamp.format(time) == text)
        #expect(Timestamp.parse(text) == time)
    }

    @Test func `times in other zones are understood, nonsense is not`() {
        #expect(Timestamp.parse("2030-01-01T02:00:00+02:00") == 1_893_456_000_000)
        #expect(Timestamp.parse("2030-01-01T00:00:00Z") == 1_893_456_000_000)
        for text in ["", "2030", "2030-13-01T00:00:00Z", "2030-01-01T00:00:00X", "2030-01-01T00:00:00.Z"] {
            #expect(Timestamp.parse(text) == nil)
        }
    }
}

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "[1,2.5,\"x\"]", "{\"a\":{\"b\":[]},\"c\":\"\\\"\\\\\\n\"}", "18446744073709551615", "-7",
        "\"🎲 größer\"",
    ])
    func `what was read is written the same`(text: String) throws {
        let json = try JSON(parsing: text)
        #expect(try JSON(parsing: json.text) == json)
    }

    @Test func `identifiers may be strings or integers`() throws {
        let json = try JSON(parsing: "{\"a\":300000000000000001,\"b\":\"300000000000000001\"}")
        #expect(json["a"]?.snowflake == Seed.Lantern.guild)
        #expect(json["b"]?.snowflake == Seed.Lantern.guild)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "01", "1.", "\"\\u12\"", "\"\\ud800\"", "nul", "[1] 2", "\"a\nb\"", "1e999",
        String(repeating: "[", count: 100_000),
    ])
    func `malformed text is refused`(text: String) {
        #expect(throws: JSON.ParsingError.self) { try JSON(parsing: text) }
    }

    @Test func `escapes and surrogate pairs are read`() throws {
        #expect(try JSON(parsing: "\"\\ud83c\\udfb2\\u00e9\\t\"") == "🎲é\t")
    }
}
