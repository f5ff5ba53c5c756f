/// The identifiers of the world that the sandbox starts with. They never change, so that scripts can rely on them.
package enum Seed {
    /// People. Mira and Juno are in both guilds, Tomas only in Lantern Tavern, Sable only in Cedar Hall, Wren and Pell in
    /// neither. Mira owns Lantern Tavern, Sable owns Cedar Hall.
    package enum Users {
        package static let mira: UInt64 = 100_000_000_000_000_001
        package static let tomas: UInt64 = 100_000_000_000_000_002
        package static let juno: UInt64 = 100_000_000_000_000_003
        package static let sable: UInt64 = 100_000_000_000_000_004
        package static let wren: UInt64 = 100_000_000_000_000_005
        package static let pell: UInt64 = 100_000_000_000_000_006
    }

    /// Lantern Tavern, Mira's guild.
    package enum Lantern {
        package static let guild: UInt64 = 300_000_000_000_000_001
        /// May manage the guild, its channels, roles and events; held by Juno.
        package static let keeperRole: UInt64 = 310_000_000_000_000_001
        /// Held by Tomas and Juno.
        package static let regularRole: UInt64 = 310_000_000_000_000_002
        package static let botRole: UInt64 = 310_000_000_000_000_009
        package static let textCategory: UInt64 = 400_000_000_000_000_100
        package static let general: UInt64 = 400_000_000_000_000_101
        package static let games: UInt64 = 400_000_000_000_000_102
        /// Seen only by keepers and the owner.
        package static let keepersOnly: UInt64 = 400_000_000_000_000_103
        package static let voiceCategory: UInt64 = 400_000_000_000_000_110
        package static let hearth: UInt64 = 400_000_000_000_000_111
        /// A voice channel for two.
        package static let snug: UInt64 = 400_000_000_000_000_112
    }

    /// Cedar Hall, Sable's guild.
    package enum Cedar {
        package static let guild: UInt64 = 300_000_000_000_000_002
        /// May manage the guild, its channels, roles and events; held by no member.
        package static let wardenRole: UInt64 = 310_000_000_000_000_011
        /// Held by Mira.
        package static let playerRole: UInt64 = 310_000_000_000_000_012
        package static let botRole: UInt64 = 310_000_000_000_000_019
        package static let textCategory: UInt64 = 400_000_000_000_000_200
        package static let general: UInt64 = 400_000_000_000_000_201
        package static let gameNight: UInt64 = 400_000_000_000_000_202
        package static let voiceCategory: UInt64 = 400_000_000_000_000_210
        package static let longTable: UInt64 = 400_000_000_000_000_211
    }
}

extension World {
    /// Two guilds, six people and a crowd, and `application` installed in all guilds.
    package static func seeded(now: Int64, application: Application, crowd: Seed.Crowd = Seed.Crowd()) -> World {
        var world = World(now: now)
        for (id, name) in [
            (Seed.Users.mira, "Mira"), (Seed.Users.tomas, "Tomas"), (Seed.Users.juno, "Juno"),
            (Seed.Users.sable, "Sable"), (Seed.Users.wren, "Wren"), (Seed.Users.pell, "Pell"),
        ] {
            world.users[id] = User(id: id, username: name.lowercased(), globalName: name)
        }
        world.register(application)
        world.seedLantern(botID: application.id)
        world.seedCedar(botID: application.id)
        world.seed(crowd, botID: application.id)
        for (channel, author, content) in [
            (
                Seed.Lantern.general, Seed.Users.mira,
                "Welcome to the **Lantern Tavern**. Games go up in <#\(Seed.Lantern.games)>."
            ),
            (Seed.Lantern.general, Seed.Users.tomas, "Kettle is on. Anyone for a table this week?"),
            (
                Seed.Cedar.general, Seed.Users.sable,
                "The hall is open. Look into <#\(Seed.Cedar.gameNight)> for what is on."
            ),
        ] {
            _ = world.post(content, by: author, in: channel)
        }
        _ = world.takeDispatches()
        _ = world.takeChanges()
        return world
    }

    private static let management: Permissions = [
        .manageGuild, .manageChannels, .manageRoles, .manageMessages, .manageEvents, .createEvents, .moveMembers,
        .kickMembers,
    ]

    private mutating func seedLantern(botID: UInt64) {
        typealias Place = Seed.Lantern
        var guild = Guild(
            id: Place.guild, name: "Lantern Tavern", description: "A tavern that smells of cedar smoke and dice.",
            ownerID: Seed.Users.mira)
        guild.systemChannelID = Place.general
        guild.roles = Self.keyed([
            Role(id: Place.guild, name: "@everyone", permissions: .everyone, position: 0),
            Role(
                id: Place.regularRole, name: "Regulars", permissions: [], position: 1, color: 0x3BA55D, hoist: true,
                mentionable: true),
            Role(
                id: Place.botRole, name: applications[botID]?.name ?? "Bot", permissions: .bot, position: 2,
                botID: botID),
            Role(
                id: Place.keeperRole, name: "Keepers", permissions: Self.management, position: 3, color: 0xE0A030,
                hoist: true, mentionable: true),
        ])
        let members: [(UInt64, [UInt64])] = [
            (Seed.Users.mira, []), (Seed.Users.tomas, [Place.regularRole]),
            (Seed.Users.juno, [Place.keeperRole, Place.regularRole]), (botID, [Place.botRole]),
        ]
        for (id, roles) in members { guild.members[id] = Member(userID: id, roles: roles, joinedAt: now) }
        let keepers = [
            Overwrite(id: Place.guild, kind: .role, allow: [], deny: .viewChannel),
            Overwrite(id: Place.keeperRole, kind: .role, allow: .viewChannel, deny: []),
        ]
        guild.channels = Self.keyed([
            Channel(id: Place.textCategory, kind: .category, guildID: guild.id, name: "Common room"),
            Channel(
                id: Place.general, kind: .text, guildID: guild.id, name: "general", position: 0,
                topic: "Whatever crosses your mind.", parentID: Place.textCategory),
            Channel(
                id: Place.games, kind: .text, guildID: guild.id, name: "games", position: 1,
                topic: "What is on, and who plays.", parentID: Place.textCategory),
            Channel(
                id: Place.keepersOnly, kind: .text, guildID: guild.id, name: "keepers", position: 2,
                parentID: Place.textCategory, overwrites: keepers),
            Channel(id: Place.voiceCategory, kind: .category, guildID: guild.id, name: "Voice", position: 1),
            Channel(
                id: Place.hearth, kind: .voice, guildID: guild.id, name: "Hearth", position: 3,
                parentID: Place.voiceCategory),
            Channel(
                id: Place.snug, kind: .voice, guildID: guild.id, name: "Snug", position: 4,
                parentID: Place.voiceCategory, userLimit: 2),
        ])
        add(guild)
    }

    private mutating func seedCedar(botID: UInt64) {
        typealias Place = Seed.Cedar
        var guild = Guild(
            id: Place.guild, name: "Cedar Hall", description: "Long evenings at a long table.",
            ownerID: Seed.Users.sable)
        guild.systemChannelID = Place.general
        guild.roles = Self.keyed([
            Role(id: Place.guild, name: "@everyone", permissions: .everyone, position: 0),
            Role(
                id: Place.playerRole, name: "Players", permissions: [], position: 1, color: 0x5865F2, hoist: true,
                mentionable: true),
            Role(
                id: Place.botRole, name: applications[botID]?.name ?? "Bot", permissions: .bot, position: 2,
                botID: botID),
            Role(
                id: Place.wardenRole, name: "Wardens", permissions: Self.management, position: 3, color: 0xC0504D,
                hoist: true, mentionable: true),
        ])
        let members: [(UInt64, [UInt64])] = [
            (Seed.Users.sable, []), (Seed.Users.mira, [Place.playerRole]), (Seed.Users.juno, []),
            (botID, [Place.botRole]),
        ]
        for (id, roles) in members { guild.members[id] = Member(userID: id, roles: roles, joinedAt: now) }
        guild.channels = Self.keyed([
            Channel(id: Place.textCategory, kind: .category, guildID: guild.id, name: "Downstairs"),
            Channel(
                id: Place.general, kind: .text, guildID: guild.id, name: "general", position: 0,
                parentID: Place.textCategory),
            Channel(
                id: Place.gameNight, kind: .text, guildID: guild.id, name: "game-night", position: 1,
                topic: "Every evening something.", parentID: Place.textCategory),
            Channel(id: Place.voiceCategory, kind: .category, guildID: guild.id, name: "Voice", position: 1),
            Channel(
                id: Place.longTable, kind: .voice, guildID: guild.id, name: "Long table", position: 2,
                parentID: Place.voiceCategory),
        ])
        add(guild)
    }

    static func keyed(_ roles: [Role]) -> [UInt64: Role] {
        Dictionary(uniqueKeysWithValues: roles.map { ($0.id, $0) })
    }

    static func keyed(_ channels: [Channel]) -> [UInt64: Channel] {
        Dictionary(uniqueKeysWithValues: channels.map { ($0.id, $0) })
    }
}
