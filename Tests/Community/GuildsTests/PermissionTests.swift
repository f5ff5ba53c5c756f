import Guilds
import Testing

struct PermissionTests {
    let guild = Guild(id: GuildID(1), name: "g", ownerID: UserID(50))
    let everybody = Role(id: RoleID(1), guildID: GuildID(1), name: "@everyone", permissions: [.viewChannel])
    let players = Role(id: RoleID(2), guildID: GuildID(1), name: "players", permissions: [.sendMessages])
    let admins = Role(id: RoleID(3), guildID: GuildID(1), name: "admins", permissions: [.administrator])
    let user = UserID(7)

    func base(_ held: Set<RoleID>, of user: UserID = UserID(7)) -> GuildPermissions {
        .base(of: user, having: held, in: guild, roles: [everybody, players, admins])
    }

    func within(_ overwrites: [PermissionOverwrite], _ held: Set<RoleID>) -> GuildPermissions {
        base(held).within(
            Channel(id: ChannelID(9), guildID: guild.id, name: "c", overwrites: overwrites), for: user, having: held)
    }

    @Test func `everybody's role counts without being held, others only when held`() {
        #expect(base([]) == [.viewChannel])
        #expect(base([players.id]) == [.viewChannel, .sendMessages])
        #expect(base([RoleID(99)]) == [.viewChannel])
    }

    @Test func `the owner and administrators may do everything, whatever a channel's overwrites say`() {
        #expect(base([], of: UserID(50)) == .all)
        #expect(base([admins.id]) == .all)
        #expect(within([PermissionOverwrite(.member(user), deny: .viewChannel)], [admins.id]) == .all)
    }

    @Test func `an overwrite for everybody is overruled by roles, and those by the member's own`() {
        let hidden = PermissionOverwrite(.role(everybody.id), deny: .viewChannel)
        let shown = PermissionOverwrite(.role(players.id), allow: .viewChannel)
        let own = PermissionOverwrite(.member(user), deny: .viewChannel)
        #expect(within([hidden], [players.id]) == [])
        // In whatever order Discord lists them.
        for order in [[hidden, shown], [shown, hidden]] {
            #expect(within(order, [players.id]).contains(.viewChannel))
            #expect(!within(order, []).contains(.viewChannel))
        }
        for order in [[hidden, shown, own], [own, shown, hidden]] { #expect(within(order, [players.id]) == []) }
    }

    @Test func `among roles an allowance wins over a denial`() {
        let other = RoleID(4)
        let deny = PermissionOverwrite(.role(players.id), deny: .sendMessages)
        let allow = PermissionOverwrite(.role(other), allow: .sendMessages)
        for order in [[deny, allow], [allow, deny]] {
            #expect(within(order, [players.id, other]).contains(.sendMessages))
        }
    }

    @Test func `a member who can't see a channel can do nothing in it`() {
        let deny = PermissionOverwrite(.role(everybody.id), deny: .viewChannel)
        #expect(within([deny], [players.id]) == [])
    }

    @Test
    func `if a member's roles are unknown, what is denied to any role is denied, and what is allowed to roles is not`()
    {
        func within(_ overwrites: [PermissionOverwrite]) -> GuildPermissions {
            let channel = Channel(id: ChannelID(9), guildID: guild.id, name: "c", overwrites: overwrites)
            return base([]).within(channel, for: user, having: nil)
        }
        let everybodyHidden = PermissionOverwrite(.role(everybody.id), deny: .viewChannel)
        let playersShown = PermissionOverwrite(.role(players.id), allow: .viewChannel)
        let playersHidden = PermissionOverwrite(.role(players.id), deny: .viewChannel)
        let own = PermissionOverwrite(.member(user), allow: .viewChannel)
        #expect(within([]) == [.viewChannel])
        #expect(within([everybodyHidden, playersShown]) == [])
        #expect(within([playersHidden]) == [])
        #expect(within([playersHidden, own]) == [.viewChannel])
    }

    @Test func `another member's overwrite changes nothing`() {
        #expect(within([PermissionOverwrite(.member(UserID(8)), deny: .viewChannel)], []) == [.viewChannel])
    }

    @Test(arguments: ["", "0", "01", "-1", "+1", " 1", "1 ", "1.0", "9223372036854775808", "١", "1e3", "abc"])
    func `a text that is not exactly one of Discord's numbers is not an identifier`(_ text: String) {
        #expect(GuildID(text) == nil)
    }

    @Test func `identifiers and topics are read as they are written`() {
        #expect(GuildID("9223372036854775807")?.description == "9223372036854775807")
        #expect(CommunityTopic("guild/5") == .guild(GuildID(5)))
        #expect(CommunityTopic("user/5")?.text == "user/5")
        for text in ["guild/", "guild/05", "guild/5/", "Guild/5", "user", "room/5", "guild/x", ""] {
            #expect(CommunityTopic(text) == nil)
        }
    }
}
