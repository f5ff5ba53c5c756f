extension Seed {
    /// More guilds and people, as many as one asks for: how a program fares with thousands of them can be tried out.
    ///
    /// Identifiers follow from the numbers of guilds and people. Guilds are spread evenly over shards, however many there are.
    package struct Crowd: Sendable {
        package var guilds: Int
        /// How many people each of these guilds has.
        package var members: Int

        package init(guilds: Int = 0, members: Int = 10) {
            precondition(guilds >= 0 && members >= 1)
            self.guilds = guilds
            self.members = members
        }

        /// The guild of that number, from 0.
        package static func guild(_ number: Int) -> UInt64 { firstGuild + UInt64(number) << 22 }
        /// The text channel of a guild.
        package static func channel(of guild: UInt64) -> UInt64 { guild + 1 }
        package static func voiceChannel(of guild: UInt64) -> UInt64 { guild + 2 }
        static func botRole(of guild: UInt64) -> UInt64 { guild + 3 }
        /// Held by every second member.
        package static func playerRole(of guild: UInt64) -> UInt64 { guild + 4 }

        /// Whether the guild is one of these.
        package static func contains(guild: UInt64) -> Bool { (firstGuild..<330_000_000_000_000_000).contains(guild) }
        /// Whether the user is one of these people.
        package static func contains(user: UInt64) -> Bool { (firstUser..<firstUser + 10_000_000).contains(user) }

        /// How many people there are: a person is in about four guilds.
        package var people: Int { max(members, min(1_000_000, guilds * members / 4)) }

        /// The members of the guild of that number; the first owns it.
        package func members(ofGuild number: Int) -> [UInt64] {
            (0..<members).map { Self.firstUser + UInt64((number * members + $0) % people) }
        }

        static let firstGuild: UInt64 = 320_000_000_000_000_000
        static let firstUser: UInt64 = 120_000_000_000_000_000
    }
}

extension World {
    mutating func seed(_ crowd: Seed.Crowd, botID: UInt64) {
        guard crowd.guilds > 0 else { return }
        for number in 0..<crowd.people {
            let id = Seed.Crowd.firstUser + UInt64(number)
            users[id] = User(id: id, username: "person\(number)", globalName: "Person \(number)")
        }
        for number in 0..<crowd.guilds { add(guild(number, of: crowd, botID: botID)) }
    }

    private func guild(_ number: Int, of crowd: Seed.Crowd, botID: UInt64) -> Guild {
        typealias Crowd = Seed.Crowd
        let id = Crowd.guild(number)
        let people = crowd.members(ofGuild: number)
        var guild = Guild(id: id, name: "Guild \(number)", ownerID: people[0])
        guild.systemChannelID = Crowd.channel(of: id)
        guild.roles = Self.keyed([
            Role(id: id, name: "@everyone", permissions: .everyone, position: 0),
            Role(
                id: Crowd.botRole(of: id), name: applications[botID]?.name ?? "Bot", permissions: .bot, position: 1,
                botID: botID),
            Role(id: Crowd.playerRole(of: id), name: "Players", permissions: [], position: 2, color: 0x5865F2),
        ])
        guild.channels = Self.keyed([
            Channel(id: Crowd.channel(of: id), kind: .text, guildID: id, name: "general"),
            Channel(id: Crowd.voiceChannel(of: id), kind: .voice, guildID: id, name: "Table", position: 1),
        ])
        let players = [Crowd.playerRole(of: id)]
        guild.members = [:]
        guild.members.reserveCapacity(people.count + 1)
        for (index, person) in people.enumerated() {
            guild.members[person] = Member(userID: person, roles: index % 2 == 1 ? players : [], joinedAt: now)
        }
        guild.members[botID] = Member(userID: botID, roles: [Crowd.botRole(of: id)], joinedAt: now)
        return guild
    }
}
