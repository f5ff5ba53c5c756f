import Core
import Guilds
import Store
import Testing

struct DirectoryTests {
    let tavern = Community.tavern

    @Test func `a snapshot is there at once, and the same one again changes nothing`() async throws {
        let community = try await Community()
        try await community.install()
        #expect(try await community.known { try await $0.installedGuild(tavern) }?.name == "Lantern Tavern")
        #expect(try await community.known { try await $0.channels(of: tavern) }.map(\.name) == ["lobby"])
        #expect(try await community.directory.roles(of: tavern).count == 1)
        #expect(try await community.known { try await $0.member(Community.ben.id, of: tavern) }?.displayName == "ben")
        _ = try await community.events()
        try await community.install()
        #expect(try await community.events() == [])
    }

    @Test func `a snapshot replaces what was there`() async throws {
        let community = try await Community()
        try await community.install()
        let channel = Channel(id: ChannelID(77), guildID: tavern, name: "games", position: 1)
        try await community.directory.replace(
            Community.snapshot(members: [Community.ada], channels: [channel]), session: "s1")
        #expect(try await community.known { try await $0.channels(of: tavern) } == [channel])
        #expect(try await community.known { try await $0.member(Community.ben.id, of: tavern) } == nil)
        #expect(try await community.known { try await $0.member(Community.ada.id, of: tavern) } != nil)
    }

    @Test func `a snapshot with a part of the members removes nobody until all are reported`() async throws {
        let community = try await Community()
        try await community.install()
        try await community.directory.replace(
            Community.snapshot(members: [Community.ada], complete: false), session: "s1")
        #expect(try await community.known { try await $0.member(Community.ben.id, of: tavern) } != nil)
        try await community.directory.completeMembers([Community.bot.id, Community.ada.id], of: tavern)
        #expect(try await community.known { try await $0.member(Community.ben.id, of: tavern) } == nil)
    }

    @Test func `members who come and go are published, each once`() async throws {
        let community = try await Community()
        try await community.install()
        _ = try await community.events()
        let cleo = User(id: UserID(13), username: "cleo")
        let access = #"{"principal":"user/13","topic":"guild/\#(tavern)"}"#
        for _ in 1...2 { try await community.directory.upsert(Member(guildID: tavern, user: cleo)) }
        #expect(try await community.events() == ["access.granted user/13 \(access)"])
        for _ in 1...2 { try await community.directory.remove(cleo.id, from: tavern) }
        #expect(try await community.events() == ["access.revoked user/13 \(access)"])
    }

    @Test func `a member's new roles and names are stored and published`() async throws {
        let community = try await Community()
        try await community.install()
        _ = try await community.events()
        let renamed = #"member.renamed members/\#(tavern) {"guild_id":"\#(tavern)"}"#
        for _ in 1...2 {
            try await community.directory.upsert(Member(guildID: tavern, user: Community.ben, nickname: "Benny"))
        }
        #expect(try await community.allEvents() == [renamed], "for what processes remember, not for streams")
        #expect(
            try await community.known { try await $0.member(Community.ben.id, of: tavern) }?.displayName == "Benny")
        try await community.directory.upsert(
            Member(guildID: tavern, user: Community.ben, nickname: "Benny", roles: [RoleID(5), RoleID(4)]))
        #expect(
            try await community.events() == [
                #"access.granted user/12 {"principal":"user/12","topic":"guild/\#(tavern)"}"#,
                #"guild.updated user/12 {"type":"guild_updated","guild_id":"\#(tavern)"}"#,
            ], "with other roles they see other channels")
        #expect(
            try await community.known { try await $0.member(Community.ben.id, of: tavern) }?.roles == [
                RoleID(4), RoleID(5),
            ])
    }

    @Test func `a timeout is stored until the gateway reports its end, and does not affect administrators`()
        async throws
    {
        let community = try await Community()
        try await community.install()
        let (now, end) = (community.now, community.now + 60_000)
        func ben() async throws -> EffectivePermissions? {
            try await community.directory.effectivePermissions(of: Community.ben.id, in: tavern)
        }
        #expect(try await ben()?.timeout(at: now) == nil)
        try await community.directory.upsert(
            Member(guildID: tavern, user: Community.ben, timedOutUntil: end))
        #expect(try await ben()?.timeout(at: end - 1) == end)
        #expect(try await ben()?.timeout(at: end) == nil)
        // A list of members tells it as well.
        try await community.install("s2")
        #expect(try await ben()?.timeout(at: now) == nil)
        for user in [Community.ada, Community.ben] {
            try await community.directory.merge([Member(guildID: tavern, user: user, timedOutUntil: end)], of: tavern)
        }
        #expect(try await ben()?.timeout(at: now) == end)
        let owner = try await community.directory.effectivePermissions(of: Community.ada.id, in: tavern)
        #expect(owner?.member.timedOutUntil == end && owner?.timeout(at: now) == nil)
        _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
        try await community.directory.uninstall(tavern)
        #expect(try await community.known { try await $0.member(Community.ben.id, of: tavern) }?.timedOutUntil == nil)
    }

    @Test func `guild, channel and role changes are published on the guild's topic, each once`() async throws {
        let community = try await Community()
        try await community.install()
        _ = try await community.events()
        let updated = #"guild.updated guild/\#(tavern) {"type":"guild_updated","guild_id":"\#(tavern)"}"#
        let viewsChanged = #"access.changed guild/\#(tavern) {"topic":"guild/\#(tavern)"}"#
        let overwrite = PermissionOverwrite(.member(UserID(3)), allow: .viewChannel, deny: .sendMessages)
        let channel = Channel(
            id: ChannelID(78), guildID: tavern, name: "den", parentID: ChannelID(4), overwrites: [overwrite])
        let role = Role(id: RoleID(8), guildID: tavern, name: "gm", color: 7, position: 2, permissions: .manageGuild)
        var (renamedChannel, renamedRole) = (channel, role)
        renamedChannel.name = "the den"
        renamedRole.name = "game masters"
        let ada = UserID(11)
        let changes: [((GuildDirectory) async throws -> Void, views: Bool)] = [
            ({ try await $0.update(Guild(id: Community.tavern, name: "New", iconHash: "i", ownerID: ada)) }, false),
            (
                { try await $0.update(Guild(id: Community.tavern, name: "New", iconHash: "i", ownerID: UserID(12))) },
                true
            ),
            ({ try await $0.upsert(channel) }, true), ({ try await $0.upsert(role) }, false),
            ({ [renamedChannel] in try await $0.upsert(renamedChannel) }, false),
            ({ try await $0.upsert(channel) }, false),
            ({ [renamedRole] in try await $0.upsert(renamedRole) }, false), ({ try await $0.upsert(role) }, false),
        ]
        for (change, views) in changes {
            for _ in 1...2 { try await change(community.directory) }
            #expect(try await community.events() == (views ? [viewsChanged, updated] : [updated]))
        }
        #expect(try await community.known { try await $0.channel(channel.id) } == channel)
        #expect(try await community.directory.roles(of: tavern).first == role)
        for _ in 1...2 { try await community.directory.remove(channel.id, from: tavern) }
        for _ in 1...2 { try await community.directory.remove(role.id, from: tavern) }
        #expect(try await community.events() == [viewsChanged, updated, viewsChanged, updated])
    }

    @Test func `uninstalling publishes to the signed-in members only, and removes the rest`() async throws {
        let community = try await Community()
        try await community.install()
        _ = try await community.sessions.start(for: Community.ben.id, tokens: nil)
        _ = try await community.events()
        for _ in 1...2 { try await community.directory.uninstall(tavern) }
        let access = #"{"principal":"user/12","topic":"guild/\#(tavern)"}"#
        #expect(
            try await community.events() == [
                #"guild.updated guild/\#(tavern) {"type":"guild_updated","guild_id":"\#(tavern)"}"#,
                "access.revoked user/12 \(access)",
            ])
        #expect(try await community.known { try await $0.installedGuild(tavern) } == nil)
        #expect(try await community.known { try await $0.member(Community.ada.id, of: tavern) } == nil)
        #expect(try await community.directory.guilds(of: Community.ben.id).map(\.botInstalled) == [false])
        try await community.install("s2")
        #expect(try await community.events().filter { $0.hasPrefix("access") } == ["access.granted user/12 \(access)"])
        #expect(try await community.directory.guilds(of: Community.ben.id).map(\.botInstalled) == [true])
    }

    @Test func `guilds that READY no longer lists were left while the bot was not connected`() async throws {
        let community = try await Community()
        try await community.install()
        try await community.directory.gatewayStarted(
            session: "s2", bot: Community.bot, guilds: [], shard: 1, shardCount: 2)
        #expect(
            try await community.known { try await $0.installedGuild(tavern) } != nil,
            "another shard's guild is none of its business")
        try await community.directory.gatewayStarted(session: "s2", bot: Community.bot, guilds: [])
        #expect(try await community.known { try await $0.installedGuild(tavern) } == nil)
    }

    @Test func `late events about a guild that was left are ignored`() async throws {
        let community = try await Community()
        try await community.install()
        try await community.directory.uninstall(tavern)
        _ = try await community.events()
        try await community.directory.upsert(Member(guildID: tavern, user: Community.ben))
        try await community.directory.update(Guild(id: tavern, name: "Late"))
        #expect(try await community.events() == [])
    }

    @Test func `channels for cards are those that the user sees and the bot can use`() async throws {
        let community = try await Community()
        func channel(_ id: Int64, _ name: String, type: Int = 0, _ overwrites: [PermissionOverwrite] = []) -> Channel {
            Channel(
                id: ChannelID(id), guildID: tavern, name: name, type: type, position: Int(id), overwrites: overwrites)
        }
        try await community.install()
        try await community.directory.replace(
            Community.snapshot(channels: [
                channel(1, "open"), channel(2, "voice", type: Channel.Kind.voice),
                channel(3, "hidden", [PermissionOverwrite(.member(Community.ben.id), deny: .viewChannel)]),
                channel(4, "mute bot", [PermissionOverwrite(.member(Community.bot.id), deny: .sendMessages)]),
                channel(5, "read only", [PermissionOverwrite(.member(Community.ben.id), deny: .sendMessages)]),
                channel(6, "news", type: Channel.Kind.announcement),
            ]), session: "s1")
        let seen = try await community.directory.channelsForCards(of: tavern, seenBy: Community.ben.id)
        #expect(seen.map(\.name) == ["open", "news"])
        #expect(try await community.directory.channelsForCards(of: tavern, seenBy: UserID(404)) == [])
    }

    @Test func `ten thousand members are taken in one snapshot and written again only where they differ`() async throws
    {
        let community = try await Community()
        let many = (1...10_000).map { User(id: UserID(100_000 + Int64($0)), username: "user\($0)") }
        try await community.install(members: many)
        let start = ContinuousClock.now
        try await community.install("s2", members: many)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await community.known { try await $0.member(many[9_999].id, of: tavern) } != nil)
        #expect(try await community.events().filter { $0.hasPrefix("access") } == [])
    }

    @Test func `guilds that are recorded together stay apart, and what they lose is gone from each`() async throws {
        let community = try await Community()
        _ = try await community.sessions.start(for: Community.ada.id, tokens: nil)
        let ids = (1...300).map { GuildID(Int64(1000 + $0) << 22) }
        func snapshot(_ id: GuildID, channels: Int, members: [User]) -> GuildSnapshot {
            GuildSnapshot(
                guild: Guild(id: id, name: "Guild \(id)", ownerID: Community.ada.id),
                channels: (0..<channels).map {
                    Channel(id: ChannelID(id.number + Int64($0) + 1), guildID: id, name: "channel \($0)")
                },
                roles: [Role(id: RoleID(id.number), guildID: id, name: "@everyone", permissions: [])],
                members: members.map { Member(guildID: id, user: $0) }, membersAreComplete: true)
        }
        try await community.directory.gatewayStarted(session: "s1", bot: Community.bot, guilds: Set(ids))
        try await community.directory.replace(
            ids.map { snapshot($0, channels: 3, members: [Community.ada, Community.ben]) }, session: "s1")
        let granted = try await community.events().filter { $0.hasPrefix("access.granted user/11") }
        #expect(granted.count == 300)
        // One of them changes; the others are reported as they were.
        try await community.directory.replace(
            ids.map {
                snapshot(
                    $0, channels: $0 == ids[5] ? 1 : 3, members: $0 == ids[6] ? [] : [Community.ada, Community.ben])
            },
            session: "s1")
        let events = try await community.events().map { String($0.split(separator: " ")[0]) }
        let access = events.filter { ["access.revoked", "access.granted", "guild.updated"].contains($0) }.sorted()
        #expect(access == ["access.revoked", "guild.updated"], "\(events)")
        #expect(events.count <= 3, "nothing about the other guilds")
        #expect(try await community.known { try await $0.channels(of: ids[5]) }.count == 1)
        #expect(try await community.known { try await $0.channels(of: ids[4]) }.count == 3)
        #expect(try await community.known { try await $0.member(Community.ben.id, of: ids[6]) } == nil)
        #expect(try await community.known { try await $0.member(Community.ben.id, of: ids[7]) } != nil)
        // The bot left all but two while it was away.
        try await community.directory.gatewayStarted(session: "s2", bot: Community.bot, guilds: Set(ids.prefix(2)))
        #expect(try await community.events().count { $0.hasPrefix("access.revoked user/11") } == 297)
    }

    @Test func `the end of a silence gives access back in every guild, however many there are`() async throws {
        let community = try await Community()
        _ = try await community.sessions.start(for: Community.ada.id, tokens: nil)
        let ids = (1...600).map { GuildID(Int64(1000 + $0) << 22) }
        try await community.directory.gatewayStarted(session: "s1", bot: Community.bot, guilds: Set(ids))
        try await community.directory.replace(
            ids.map { id in
                GuildSnapshot(
                    guild: Guild(id: id, name: "Guild", ownerID: Community.ada.id), channels: [], roles: [],
                    members: [Member(guildID: id, user: Community.ada)], membersAreComplete: true)
            }, session: "s1")
        _ = try await community.events()
        community.advance(.seconds(100))
        try await community.directory.gatewayConfirmed(session: "s1", at: community.now)
        #expect(try await community.events() == [])
        community.advance(.seconds(400))
        for _ in 1...2 { try await community.directory.gatewayConfirmed(session: "s1", at: community.now) }
        let events = try await community.events()
        #expect(events.count == 600 && events.allSatisfy { $0.hasPrefix("access.granted user/11") })
        #expect(Set(events).count == 600)
    }
}
