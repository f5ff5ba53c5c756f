package import Core
package import Guilds
package import Store

/// What pages read most, as the JSON that they are sent: from memory where that is certain to be current, otherwise from the
/// database. Who asks is checked each time.
extension GameService {
    /// Returns a game that `user` may know of.
    ///
    /// - Parameter cursor: what the client has seen of the log: it gets nothing older.
    /// - Throws: `SchedulerError.gameNotFound`.
    package func json(of id: GameID, for user: UserID, seen cursor: Cursor?) async throws -> EncodedJSON {
        guard let memory else { return EncodedJSON(try await game(id, for: user)) }
        let known = try await memory.games.value(for: id, seen: cursor, about: [GameSubject.game(id)]) {
            let found = try await database.read { reading -> (Game, [String])? in
                guard let game = try await GameRecords(reading).game(id) else { return nil }
                return (game, try await nameSubjects(in: [game], reading))
            }
            guard let (game, names) = found else { return nil }
            let known = GameMemory.RememberedGame(game)
            return ReadTable.Read(known, about: names, bytes: known.json.bytes.count + 40 * names.count)
        }
        guard let known else { throw SchedulerError.gameNotFound }
        try await requireMembership(of: user, in: known.guild, otherwise: .gameNotFound, seen: cursor)
        guard let viewer = try await policy.directory.viewer(user, in: known.guild, seen: cursor) else {
            return EncodedJSON(try await game(id, for: user))
        }
        guard known.isVisible(to: user, viewer) else { throw SchedulerError.gameNotFound }
        return known.json
    }

    /// The same, if all of it is remembered and `user` may know of the game. Never waits.
    package func rememberedJSON(of id: GameID, for user: UserID, seen cursor: Cursor?) -> EncodedJSON? {
        guard let known = memory?.games.remembered(id, seen: cursor),
            policy.remembersMembership(of: user, in: known.guild, seen: cursor),
            let viewer = policy.directory.rememberedViewer(user, in: known.guild, seen: cursor),
            known.isVisible(to: user, viewer)
        else { return nil }
        return known.json
    }

    /// Returns a page of the games that `user` may know of; see `games(_:for:)`.
    ///
    /// - Parameter cursor: what the client has seen of the log: it gets nothing older.
    /// - Throws: `SchedulerError.guildNotFound` when the filter names a guild that `user` is not in.
    package func json(of filter: GameFilter, for user: UserID, seen cursor: Cursor?) async throws -> EncodedJSON {
        guard let memory else { return EncodedJSON(try await games(filter, for: user)) }
        let guilds = try await guilds(in: filter, of: user, seen: cursor)
        var viewers: [(guild: GuildID, viewer: Viewer)] = []
        for guild in guilds {
            guard let viewer = try await policy.directory.viewer(user, in: guild, seen: cursor) else {
                return EncodedJSON(try await games(filter, for: user))
            }
            viewers.append((guild, viewer))
        }
        var depends = filter.role != nil
        for (guild, viewer) in viewers where !depends && !viewer.permissions.managesGuild {
            depends = try await !hostedChannels(of: user, in: guild, memory, seen: cursor).isSubset(of: viewer.channels)
        }
        // `nil` for a list that is the same for all who see the same.
        let person = depends ? user : nil
        let key = GameMemory.ListKey(filter, viewers, user: person)
        let json = try await memory.lists.value(for: key, seen: cursor, about: guilds.map(GameSubject.games)) {
            [viewers] in
            let (page, names) = try await database.read { reading -> (GamePage, [String]) in
                let page = try await games(filter, of: person, in: Scope(viewers), reading)
                return (page, try await nameSubjects(in: page.games, reading))
            }
            let json = EncodedJSON(page)
            return ReadTable.Read(json, about: names, bytes: json.bytes.count + 80 * guilds.count + 40 * names.count)
        }
        return json ?? EncodedJSON(GamePage(games: [], next: nil))
    }

    /// The same, if all of it is remembered. Never waits.
    package func rememberedJSON(of filter: GameFilter, for user: UserID, seen cursor: Cursor?) -> EncodedJSON? {
        guard let memory, let guilds = rememberedGuilds(in: filter, of: user, seen: cursor) else { return nil }
        var viewers: [(guild: GuildID, viewer: Viewer)] = []
        var depends = filter.role != nil
        for guild in guilds {
            guard let viewer = policy.directory.rememberedViewer(user, in: guild, seen: cursor) else { return nil }
            viewers.append((guild, viewer))
            if depends || viewer.permissions.managesGuild { continue }
            guard let hosts = memory.hosts.remembered(guild, seen: cursor) else { return nil }
            depends = hosts[user].map { !$0.isSubset(of: viewer.channels) } ?? false
        }
        return memory.lists.remembered(GameMemory.ListKey(filter, viewers, user: depends ? user : nil), seen: cursor)
    }

    /// The guilds of which the list is, if that is remembered and `user` is certainly a member of all.
    private func rememberedGuilds(in filter: GameFilter, of user: UserID, seen cursor: Cursor?) -> [GuildID]? {
        guard let guild = filter.guildID else { return policy.rememberedGuilds(of: user, seen: cursor) }
        return policy.remembersMembership(of: user, in: guild, seen: cursor) ? [guild] : nil
    }

    /// The subjects of the names that are shown in these games.
    private func nameSubjects(in games: [Game], _ reading: any Reading) async throws -> [String] {
        var people: [GuildID: Set<UserID>] = [:]
        for game in games {
            people[game.guildID, default: []].formUnion(game.participants.map(\.userID) + [game.host.id])
        }
        var subjects: [String] = []
        for (guild, users) in people {
            subjects.append(CommunitySubject.names(guild))
            subjects += try await GuildRecords(reading).strangers(among: users, in: guild).map(CommunitySubject.account)
        }
        return subjects
    }

    private func hostedChannels(
        of user: UserID, in guild: GuildID, _ memory: GameMemory, seen cursor: Cursor?
    ) async throws -> Set<ChannelID> {
        let hosts = try await memory.hosts.value(for: guild, seen: cursor, about: [GameSubject.hosts(guild)]) {
            let rows = try await database.read { reading in
                try await reading.query(
                    "SELECT DISTINCT host_id, channel_id FROM games WHERE guild_id = $1", [.integer(guild.number)])
            }
            var hosts: [UserID: Set<ChannelID>] = [:]
            for row in rows {
                hosts[UserID(try row["host_id", as: Int64.self]), default: []].insert(
                    ChannelID(try row["channel_id", as: Int64.self]))
            }
            return ReadTable.Read(hosts, bytes: 64 * rows.count)
        }
        return hosts?[user] ?? []
    }
}

/// Errors: none.
extension GamePage: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("games", games)
            writer.member("next", next?.description)
        }
    }
}
