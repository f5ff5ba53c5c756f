import Core
import Guilds
import Testing

/// Ben is a captain: captains see #bridge and manage the guild.
struct RoleConfirmationTests {
    let tavern = Community.tavern
    let captains = RoleID(5)
    let ben = Community.ben.id
    let bridge = Channel(
        id: ChannelID(77), guildID: Community.tavern, name: "bridge",
        overwrites: [
            PermissionOverwrite(.role(Community.everybody), deny: .viewChannel),
            PermissionOverwrite(.role(RoleID(5)), allow: .viewChannel),
        ])
    let lobby = Channel(id: Community.lobby, guildID: Community.tavern, name: "lobby")

    var captain: Member { Member(guildID: tavern, user: Community.ben, roles: [captains]) }

    /// As the gateway told it before it fell silent for longer than its word holds.
    func silence() async throws -> Community {
        let community = try await Community()
        try await community.install()
        try await community.directory.upsert(
            Role(id: captains, guildID: tavern, name: "captains", permissions: .manageGuild))
        for channel in [bridge, lobby] { try await community.directory.upsert(channel) }
        try await community.directory.upsert(captain)
        let permissions = try await permissions(community)
        #expect(permissions.sees(bridge) && permissions.sees(lobby) && permissions.managesGuild)
        community.advance(.seconds(400))
        community.source.answer = [
            ReportedMembership(
                guildID: tavern, name: "Lantern Tavern", iconHash: nil, isOwner: false, permissions: .neededForCards)
        ]
        _ = try await community.events()
        return community
    }

    func permissions(_ community: Community) async throws -> EffectivePermissions {
        try #require(try await community.directory.effectivePermissions(of: ben, in: tavern))
    }

    @Test
    func
        `if Discord can be asked only on the user's behalf, what depends on roles is closed until the gateway resumes`()
        async throws
    {
        let community = try await silence()
        #expect(try await community.policy.membership(of: ben, in: tavern) == .seconds(300))
        let meanwhile = try await permissions(community)
        #expect(meanwhile.sees(lobby) && !meanwhile.sees(bridge) && !meanwhile.managesGuild)
        #expect(try await community.directory.guilds(of: ben).map(\.canManage) == [false])
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        let after = try await permissions(community)
        #expect(after.sees(bridge) && after.managesGuild)
    }

    @Test func `permissions that a sign-in reported hold for 300 s where roles are unknown`() async throws {
        let community = try await Community()
        try await community.install(members: [Community.ada], complete: false)
        try await community.directory.record(signedIn: Community.ben)
        let reported = [
            ReportedMembership(
                guildID: tavern, name: "Lantern Tavern", iconHash: nil, isOwner: false,
                permissions: [.manageGuild, .viewChannel])
        ]
        for _ in 1...2 {
            try await community.directory.record(memberships: reported, of: ben)
            for seconds in [0, 299] {
                community.advance(.seconds(seconds))
                let permissions = try await permissions(community)
                #expect(permissions.managesGuild && permissions.sees(lobby) && !permissions.rolesAreKnown)
                #expect(try await community.directory.guilds(of: ben).map(\.canManage) == [true])
            }
            community.advance(.seconds(1))
            let old = try await permissions(community)
            #expect(!old.managesGuild && !old.sees(lobby))
            #expect(try await community.directory.guilds(of: ben).map(\.canManage) == [false])
        }
    }

    @Test func `asked as the bot, Discord says which roles are left`() async throws {
        let community = try await silence()
        community.members.tell(captain)
        let policy = community.policyAskingMembers
        #expect(try await policy.membership(of: ben, in: tavern) == .seconds(300))
        #expect(try await permissions(community).sees(bridge))
        community.advance(.seconds(200))
        #expect(try await policy.membership(of: ben, in: tavern) == .seconds(100))
        #expect(community.members.asked == 1)
        community.advance(.seconds(101))
        #expect(try await !permissions(community).sees(bridge), "300 s are over")
        _ = try await community.events()
        // The role is taken, and Ben is timed out.
        community.members.tell(Member(guildID: tavern, user: Community.ben, timedOutUntil: community.now + 60_000))
        #expect(try await policy.membership(of: ben, in: tavern) == .seconds(300))
        let after = try await permissions(community)
        #expect(after.sees(lobby) && !after.sees(bridge) && !after.managesGuild)
        #expect(after.timeout(at: community.now) == community.now + 60_000)
        #expect(try await community.events().contains { $0.hasPrefix("guild.updated user/12") })
        #expect(community.members.asked == 2)
    }

    @Test func `the bot can ask about users who never signed in, and removes those who have left`() async throws {
        let community = try await silence()
        community.source.answer = nil
        community.members.tell(captain)
        let policy = community.policyAskingMembers
        #expect(try await policy.membership(of: ben, in: tavern) == .seconds(300))
        #expect(try await policy.membership(of: UserID(404), in: tavern) == nil)
        #expect(try await permissions(community).sees(bridge))
        community.advance(.seconds(301))
        community.members.tell(Member(guildID: GuildID(7), user: Community.ben))
        _ = try await community.events()
        #expect(try await policy.membership(of: ben, in: tavern) == nil)
        #expect(try await community.events().map { $0.prefix(22) } == ["access.revoked user/12"])
        #expect(try await community.known { try await $0.member(ben, of: tavern) } == nil)
    }

    @Test func `if the bot gets no answer the user's own counts, and without either the membership is unknown`()
        async throws
    {
        let community = try await silence()
        community.members.isDown = true
        let policy = community.policyAskingMembers
        #expect(try await policy.membership(of: ben, in: tavern) == .seconds(300))
        #expect(try await !permissions(community).sees(bridge))
        community.advance(.seconds(301))
        for (isDown, answer) in [(true, nil), (false, nil)] as [(Bool, [ReportedMembership]?)] {
            community.source.isDown = isDown
            community.source.answer = answer
            for _ in 1...2 {
                await #expect(throws: GuildsError.membershipUnknown) {
                    try await policy.membership(of: ben, in: tavern)
                }
            }
            community.advance(.seconds(15))
        }
        #expect(community.members.asked == 3, "not again within 15 s")
        community.members.isDown = false
        community.members.tell(captain)
        #expect(try await Set(policy.topics(of: "user/12").keys) == ["user/12", CommunityTopic.name(of: tavern)])
        #expect(try await permissions(community).sees(bridge))
    }

    @Test func `an answer that comes after the gateway has resumed is too late`() async throws {
        let community = try await silence()
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        for answer in [nil, Member(guildID: tavern, user: Community.ben)] {
            try await community.directory.record(answer, of: ben, in: tavern)
            #expect(try await permissions(community).sees(bridge))
        }
    }

    @Test func `in more than ten guilds nobody's roles are asked for`() async throws {
        let community = try await silence()
        let more = (1...10).map { GuildID(Int64(1000 + $0) << 22) }
        try await community.directory.gatewayStarted(session: "s2", bot: Community.bot, guilds: Set([tavern] + more))
        for guild in more {
            try await community.directory.replace(
                GuildSnapshot(
                    guild: Guild(id: guild, name: "Another"), channels: [], roles: [],
                    members: [Member(guildID: guild, user: Community.ben)], membersAreComplete: true), session: "s2")
        }
        community.advance(.seconds(400))
        community.source.answer? += more.map { guild in
            ReportedMembership(guildID: guild, name: "", iconHash: nil, isOwner: false, permissions: .viewChannel)
        }
        #expect(try await community.policyAskingMembers.topics(of: "user/12").count == 12)
        #expect(community.members.asked == 0)
    }

    @Test func `where the bot may post is judged by what was reported last`() async throws {
        let community = try await silence()
        #expect(try await community.policy.membership(of: ben, in: tavern) == .seconds(300))
        #expect(try await community.directory.channelsForCards(of: tavern, seenBy: ben).map(\.name) == ["lobby"])
    }
}
