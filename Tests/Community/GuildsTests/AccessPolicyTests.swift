import Core
import Guilds
import Testing

struct AccessPolicyTests {
    let tavern = Community.tavern
    let ada = Community.ada.principal
    let ben = Community.ben.principal

    func reported(_ permissions: GuildPermissions = .viewChannel) -> [ReportedMembership] {
        [
            ReportedMembership(
                guildID: tavern, name: "Lantern Tavern", iconHash: nil, isOwner: false, permissions: permissions)
        ]
    }

    @Test func `a member sees the guild, a stranger doesn't, and everybody their own topic`() async throws {
        let community = try await Community()
        try await community.install()
        let guild = CommunityTopic.name(of: tavern)
        #expect(try await community.policy.grant(principal: ben, topic: guild) == .seconds(300))
        #expect(try await community.policy.grant(principal: "user/404", topic: guild) == nil)
        #expect(try await community.policy.grant(principal: ben, topic: ben) == .seconds(300))
        #expect(try await community.policy.grant(principal: ben, topic: ada) == nil)
        for topic in ["guild/1", "guild/x", "room/1", "", "guild/\(tavern)/"] {
            #expect(try await community.policy.grant(principal: ben, topic: topic) == nil)
        }
        for principal in ["", "user/0", "guild/\(tavern)", "service/x"] {
            #expect(try await community.policy.grant(principal: principal, topic: guild) == nil)
        }
        #expect(try await Set(community.policy.topics(of: ben).keys) == [ben, guild])
        #expect(community.source.asked == 0)
    }

    @Test func `what the gateway reported holds while it lives, until 300 s after its last sign of life`() async throws
    {
        let community = try await Community()
        try await community.install()
        for _ in 1...10 {
            community.advance(.seconds(45))
            try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        }
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
        community.advance(.seconds(299))
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(1))
        community.advance(.seconds(1))
        // Nobody can be asked on Ben's behalf.
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
    }

    @Test func `a sign of life that waited vouches as of when it was given, and ends no silence when it is too old`()
        async throws
    {
        let community = try await Community()
        try await community.install()
        _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
        community.advance(.seconds(100))
        let given = community.now
        community.advance(.seconds(250))
        _ = try await community.events()
        try await community.directory.gatewayConfirmed(session: "s1", at: given)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(50))
        #expect(try await community.events().map { $0.prefix(14) } == ["access.granted"])
        community.advance(.seconds(400))
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now - 300_000)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
        #expect(try await community.events() == [])
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
        #expect(try await community.events().map { $0.prefix(14) } == ["access.granted"])
    }

    @Test func `a membership known only from signing in is confirmed again after 300 s`() async throws {
        let community = try await Community()
        try await community.install(members: [Community.ada], complete: false)
        try await community.directory.record(signedIn: Community.ben)
        try await community.directory.record(memberships: reported(), of: Community.ben.id)
        community.advance(.seconds(200))
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(100))
        #expect(community.source.asked == 0)
        community.advance(.seconds(101))
        community.source.answer = reported()
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
        #expect(community.source.asked == 1)
        community.advance(.seconds(301))
        community.source.answer = []
        _ = try await community.events()
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
        #expect(try await community.events().map { $0.prefix(14) } == ["access.revoked"])
    }

    @Test func `when Discord can't be asked, a former answer is neither yes nor no`() async throws {
        let community = try await Community()
        try await community.install(members: [Community.ada], complete: false)
        try await community.directory.record(signedIn: Community.ben)
        try await community.directory.record(memberships: reported(), of: Community.ben.id)
        community.advance(.seconds(301))
        community.source.isDown = true
        for _ in 1...3 {
            await #expect(throws: GuildsError.membershipUnknown) {
                try await community.policy.membership(of: Community.ben.id, in: tavern)
            }
            await #expect(throws: GuildsError.membershipUnknown) { try await community.policy.topics(of: ben) }
        }
        #expect(community.source.asked == 1, "it is not asked again at once")
        community.source.isDown = false
        community.source.answer = reported()
        community.advance(.seconds(15))
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
    }

    @Test func `a hundred questions at once become one question to Discord`() async throws {
        let community = try await Community()
        try await community.install(members: [Community.ada], complete: false)
        try await community.directory.record(signedIn: Community.ben)
        try await community.directory.record(memberships: reported(), of: Community.ben.id)
        community.advance(.seconds(301))
        community.source.answer = reported()
        let answers = try await withThrowingTaskGroup(of: Duration?.self) { group in
            for _ in 1...100 {
                group.addTask { try await community.policy.membership(of: Community.ben.id, in: Community.tavern) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 100 && answers.allSatisfy { $0 == .seconds(300) })
        #expect(community.source.asked == 1)
    }

    @Test func `a late answer from Discord doesn't bring back a member whom the gateway saw leave`() async throws {
        let community = try await Community()
        try await community.install()
        try await community.directory.remove(Community.ben.id, from: tavern)
        try await community.directory.record(memberships: reported(), of: Community.ben.id)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
        #expect(community.source.asked == 0, "the gateway knows everybody")
    }

    @Test func `nor does an answer without the guild remove a member whom the gateway vouches for`() async throws {
        let community = try await Community()
        try await community.install()
        try await community.directory.record(memberships: [], of: Community.ben.id)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
    }

    @Test func `after a restart, what the former session reported holds until the snapshots arrive`() async throws {
        let community = try await Community()
        try await community.install()
        community.advance(.seconds(250))
        try await community.directory.gatewayStarted(session: "s2", bot: Community.bot, guilds: [tavern])
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(50))
        try await community.directory.gatewayConfirmed(session: "s2", at: community.now)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(50))
        try await community.directory.replace(Community.snapshot(members: [Community.ada]), session: "s2")
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
        #expect(try await community.policy.membership(of: Community.ada.id, in: tavern) == .seconds(300))
    }

    @Test
    func
        `until a new session has reported all members, what the former one reported holds as of its last sign of life`()
        async throws
    {
        let community = try await Community()
        try await community.install()
        community.advance(.seconds(100))
        try await community.directory.gatewayStarted(session: "s2", bot: Community.bot, guilds: [tavern])
        try await community.directory.replace(
            Community.snapshot(members: [Community.ada], complete: false), session: "s2")
        community.advance(.seconds(100))
        try await community.directory.gatewayConfirmed(session: "s2", at: community.now)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(100))
        _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
        _ = try await community.events()
        let everybody = Set([Community.bot, Community.ada, Community.ben].map(\.id))
        for _ in 1...2 { try await community.directory.completeMembers(everybody, of: tavern) }
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
        #expect(try await community.events() == [], "nobody had lost anything")
        #expect(community.source.asked == 0)
    }

    @Test func `a member whom Discord confirms is one, although the new session has not reported all yet`() async throws
    {
        let community = try await Community()
        try await community.install()
        community.advance(.seconds(400))
        try await community.install("s2", members: [Community.ada], complete: false)
        // Ben presses a button: his membership comes with it.
        try await community.directory.upsert(Member(guildID: tavern, user: Community.ben))
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
        community.advance(.seconds(149))
        try await community.directory.upsert(Member(guildID: tavern, user: Community.ben))
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(151))
    }

    @Test func `a list of members from which one was removed meanwhile is not complete`() async throws {
        let community = try await Community()
        try await community.install()
        community.advance(.seconds(400))
        try await community.install("s2", members: [Community.ada], complete: false)
        let ben = Member(guildID: tavern, user: Community.ben)
        try await community.directory.merge([ben], of: tavern)
        // The next part is on its way; Discord doesn't name the guild among Ben's.
        community.source.answer = []
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
        let everybody = Set([Community.bot, Community.ada, Community.ben].map(\.id))
        #expect(try await !community.directory.completeMembers(everybody, of: tavern))
        // Asked for again.
        try await community.directory.merge([ben], of: tavern)
        #expect(try await community.directory.completeMembers(everybody, of: tavern))
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
    }

    @Test
    func `a user on whose behalf nobody may ask is refused during a silence, and gets access back when it is over`()
        async throws
    {
        let community = try await Community()
        try await community.install()
        _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
        community.advance(.seconds(400))
        for _ in 1...3 {
            #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
            #expect(try await Set(community.policy.topics(of: ben).keys) == [ben])
        }
        #expect(community.source.asked == 0)
        _ = try await community.events()
        // The session goes on, and so repeats nothing of what it told.
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        #expect(try await community.events().map { $0.prefix(22) } == ["access.granted user/12"])
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
    }

    @Test func `one guild that can't be confirmed removes none of the others from the list`() async throws {
        let community = try await Community()
        let hall = GuildID(200 << 22)
        try await community.directory.gatewayStarted(session: "s1", bot: Community.bot, guilds: [tavern, hall])
        try await community.directory.replace(Community.snapshot(), session: "s1")
        try await community.directory.replace(
            GuildSnapshot(
                guild: Guild(id: hall, name: "Hall"), channels: [], roles: [],
                members: [Member(guildID: hall, user: Community.bot), Member(guildID: hall, user: Community.ben)],
                membersAreComplete: false), session: "s1")
        community.advance(.seconds(200))
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        community.advance(.seconds(200))
        for _ in 1...2 {
            #expect(try await Set(community.policy.topics(of: ben).keys) == [ben, CommunityTopic.name(of: tavern)])
        }
    }

    @Test func `a user who was refused for lack of an answer gets an event when Discord confirms them again`()
        async throws
    {
        let told: [(GuildDirectory) async throws -> Void] = [
            { try await $0.upsert(Member(guildID: Community.tavern, user: Community.ben)) },
            { try await $0.merge([Member(guildID: Community.tavern, user: Community.ben)], of: Community.tavern) },
            {
                let tavern = ReportedMembership(
                    guildID: Community.tavern, name: "", iconHash: nil, isOwner: false, permissions: .viewChannel)
                try await $0.record(memberships: [tavern], of: Community.ben.id)
            },
        ]
        for tell in told {
            let community = try await Community()
            try await community.install(members: [Community.ada], complete: false)
            try await community.directory.record(signedIn: Community.ben)
            _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
            try await community.directory.record(memberships: reported(), of: Community.ben.id)
            community.advance(.seconds(301))
            #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
            _ = try await community.events()
            for _ in 1...2 { try await tell(community.directory) }
            #expect(try await community.events().map { $0.prefix(22) } == ["access.granted user/12"])
            #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == .seconds(300))
        }
    }

    @Test func `a member known only from signing in doesn't see what is hidden from some role`() async throws {
        let community = try await Community()
        let hidden = Channel(
            id: ChannelID(77), guildID: tavern, name: "not for probationers",
            overwrites: [PermissionOverwrite(.role(RoleID(5)), deny: .viewChannel)])
        let open = Channel(id: Community.lobby, guildID: tavern, name: "lobby")
        try await community.directory.gatewayStarted(session: "s1", bot: Community.bot, guilds: [tavern])
        try await community.directory.replace(
            Community.snapshot(members: [Community.ada], channels: [hidden, open], complete: false), session: "s1")
        try await community.directory.record(signedIn: Community.ben)
        try await community.directory.record(memberships: reported(), of: Community.ben.id)
        let before = try #require(try await community.directory.effectivePermissions(of: Community.ben.id, in: tavern))
        #expect(before.sees(open) && !before.sees(hidden))
        try await community.directory.upsert(Member(guildID: tavern, user: Community.ben))
        let after = try #require(try await community.directory.effectivePermissions(of: Community.ben.id, in: tavern))
        #expect(after.sees(open) && after.sees(hidden))
    }

    @Test func `users who lost access during a silence of the gateway get an event when it is over`() async throws {
        let community = try await Community()
        try await community.install()
        _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
        _ = try await community.events()
        community.advance(.seconds(400))
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        #expect(try await community.events().map { $0.prefix(22) } == ["access.granted user/12"])
        community.advance(.seconds(400))
        try await community.install("s2")
        #expect(try await community.events().map { $0.prefix(22) } == ["access.granted user/12"])
    }

    @Test func `without the bot there is nothing to see`() async throws {
        let community = try await Community()
        try await community.directory.record(signedIn: Community.ben)
        try await community.directory.record(memberships: reported(.manageGuild), of: Community.ben.id)
        #expect(try await community.policy.membership(of: Community.ben.id, in: tavern) == nil)
        let listing = try #require(try await community.directory.guilds(of: Community.ben.id).first)
        #expect(listing.canManage && !listing.botInstalled && !listing.isOwner)
    }
}
