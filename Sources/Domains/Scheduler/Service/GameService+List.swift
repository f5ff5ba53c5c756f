import Core
package import Guilds
import Store

extension GameService {
    /// Returns a page of the games that `user` may know of, ordered by the time at which they start: the soonest first if the
    /// filter asks only for games that are yet to end, otherwise the latest first.
    ///
    /// - Throws: `SchedulerError.guildNotFound` when the filter names a guild that `user` is not in.
    package func games(_ filter: GameFilter, for user: UserID) async throws -> GamePage {
        let guilds = try await guilds(in: filter, of: user, seen: nil)
        return try await database.read { reading in
            try await games(filter, of: user, in: try await scope(of: guilds, for: user, reading), reading)
        }
    }

    /// The guilds of which the list is, all of which `user` is a member of.
    ///
    /// - Throws: `SchedulerError.guildNotFound` when the filter names a guild that `user` is not in.
    func guilds(in filter: GameFilter, of user: UserID, seen cursor: Cursor?) async throws -> [GuildID] {
        guard let guild = filter.guildID else { return try await policy.guilds(of: user, seen: cursor) }
        try await requireMembership(of: user, in: guild, otherwise: .guildNotFound, seen: cursor)
        return [guild]
    }

    /// Reads a page of the list.
    ///
    /// - Parameter user: `nil` if the list is the same for all who see this scope.
    func games(
        _ filter: GameFilter, of user: UserID?, in scope: Scope, _ reading: any Reading
    ) async throws -> GamePage {
        guard !scope.isEmpty else { return GamePage(games: [], next: nil) }
        var query = Query()
        query.restrict(to: scope, user: user)
        query.apply(filter, user: user)
        let rows = try await reading.query(
            """
            \(GameRecords.select) WHERE \(query.conditions.joined(separator: " AND "))
            ORDER BY g.scheduled_at \(query.direction), g.id \(query.direction) LIMIT \(query.mark(.integer(Int64(filter.limit + 1))))
            """, query.values)
        let games = try await GameRecords(reading).games(Array(rows.prefix(filter.limit)))
        return GamePage(games: games, next: rows.count > filter.limit ? games.last.map(GameCursor.init) : nil)
    }

    /// Returns where `user` may know of games: whole guilds that they manage, and channels that they see.
    private func scope(of guilds: [GuildID], for user: UserID, _ reading: any Reading) async throws -> Scope {
        let records = GuildRecords(reading)
        var scope = Scope()
        for guild in guilds {
            guard let viewer = try await records.effectivePermissions(of: user, in: guild, now: time.milliseconds)
            else {
                continue
            }
            scope.guilds.append(guild)
            if viewer.managesGuild {
                scope.managed.append(guild)
            } else {
                scope.channels += try await records.channels(of: guild).filter(viewer.sees).map(\.id)
            }
        }
        return scope
    }
}

/// Where somebody may know of games: in whole guilds that they manage, and in channels that they see.
struct Scope {
    var guilds: [GuildID] = []
    var managed: [GuildID] = []
    var channels: [ChannelID] = []
    var isEmpty: Bool { guilds.isEmpty }

    init() {}

    init(_ viewers: [(guild: GuildID, viewer: Viewer)]) {
        for (guild, viewer) in viewers {
            guilds.append(guild)
            if viewer.permissions.managesGuild { managed.append(guild) } else { channels += viewer.channels.sorted() }
        }
    }
}

private struct Query {
    var conditions: [String] = []
    var values: [Value] = []
    var direction = "ASC"

    mutating func mark(_ value: Value) -> String {
        values.append(value)
        return "$\(values.count)"
    }

    private mutating func list<Kind>(_ ids: [Identity<Kind>]) -> String {
        ids.map { mark(.integer($0.number)) }.joined(separator: ", ")
    }

    mutating func restrict(to scope: Scope, user: UserID?) {
        conditions.append("g.guild_id IN (\(list(scope.guilds)))")
        var ways = user.map { ["g.host_id = \(mark(.integer($0.number)))"] } ?? []
        if !scope.managed.isEmpty { ways.append("g.guild_id IN (\(list(scope.managed)))") }
        if !scope.channels.isEmpty { ways.append("g.channel_id IN (\(list(scope.channels)))") }
        conditions.append(ways.isEmpty ? "1 = 0" : "(\(ways.joined(separator: " OR ")))")
    }

    /// - Parameter user: needed if the filter asks for a role.
    mutating func apply(_ filter: GameFilter, user: UserID?) {
        direction = filter.beginsWithLatest ? "DESC" : "ASC"
        if let channel = filter.channelID { conditions.append("g.channel_id = \(mark(.integer(channel.number)))") }
        if !filter.statuses.isEmpty {
            let marks = filter.statuses.sorted { $0.rawValue < $1.rawValue }.map { mark(.text($0.rawValue)) }
            conditions.append("g.status IN (\(marks.joined(separator: ", ")))")
        }
        switch user.flatMap({ user in filter.role.map { (user, $0) } }) {
        case (let user, .host)?: conditions.append("g.host_id = \(mark(.integer(user.number)))")
        case (let user, .participant)?:
            conditions.append(
                """
                EXISTS (SELECT 1 FROM participants p WHERE p.game_id = g.id AND p.user_id = \
                \(mark(.integer(user.number))))
                """)
        case nil: break
        }
        if let after = filter.after {
            let time = mark(.integer(after.scheduledAt))
            let again = mark(.integer(after.scheduledAt))
            let id = mark(.text(after.id.description))
            let beyond = filter.beginsWithLatest ? "<" : ">"
            conditions.append(
                "(g.scheduled_at \(beyond) \(time) OR (g.scheduled_at = \(again) AND g.id \(beyond) \(id)))")
        }
    }
}
