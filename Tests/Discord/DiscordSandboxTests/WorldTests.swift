import DiscordSandbox
import Testing

struct WorldTests {
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
