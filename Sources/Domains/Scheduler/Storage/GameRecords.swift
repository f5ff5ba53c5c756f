import Guilds
import Store

/// Reads the scheduler's rows within a read or transaction that a use case has opened. Errors: every method throws what the
/// database throws.
struct GameRecords {
    let reading: any Reading

    init(_ reading: any Reading) { self.reading = reading }

    func game(_ id: GameID) async throws -> Game? {
        let rows = try await reading.query(
            "SELECT \(Self.columns) FROM games g WHERE g.id = $1", [.text(id.description)])
        return try await games(rows).first
    }

    func game(message: MessageID) async throws -> Game? {
        let rows = try await reading.query(
            "SELECT \(Self.columns) FROM games g WHERE g.message_id = $1", [.integer(message.number)])
        return try await games(rows).first
    }

    /// The version since which a game's details, its participants aside, have not changed.
    func detailsVersion(of id: GameID) async throws -> Int64 {
        let rows = try await reading.query(
            "SELECT details_version FROM games WHERE id = $1", [.text(id.description)])
        return try rows.first.map { try $0["details_version", as: Int64.self] } ?? 0
    }

    /// The games of these rows, with their participants and the names that their guilds show for users.
    func games(_ rows: [Row]) async throws -> [Game] {
        guard !rows.isEmpty else { return [] }
        let marks = rows.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let signups = try await reading.query(
            """
            SELECT game_id, user_id, joined_at FROM participants WHERE game_id IN (\(marks)) ORDER BY game_id, place
            """, try rows.map { .text(try $0["id", as: String.self]) })
        var signupsByGame: [String: [(user: UserID, joinedAt: Int64)]] = [:]
        for signup in signups {
            signupsByGame[try signup["game_id", as: String.self], default: []].append(
                (UserID(try signup["user_id", as: Int64.self]), try signup["joined_at", as: Int64.self]))
        }
        var people: [GuildID: Set<UserID>] = [:]
        for row in rows {
            let signups = signupsByGame[try row["id", as: String.self]] ?? []
            people[GuildID(try row["guild_id", as: Int64.self]), default: []].formUnion(
                signups.map(\.user) + [UserID(try row["host_id", as: Int64.self])])
        }
        var names: [GuildID: [UserID: String]] = [:]
        for (guild, users) in people {
            names[guild] = try await GuildRecords(reading).displayNames(of: users, in: guild)
        }
        return try rows.map { row in
            let guild = GuildID(try row["guild_id", as: Int64.self])
            return try Self.game(
                row, signups: signupsByGame[try row["id", as: String.self]] ?? [], names: names[guild] ?? [:])
        }
    }

    static let columns = """
        g.id AS id, g.guild_id AS guild_id, g.channel_id AS channel_id, g.message_id AS message_id, g.title AS title,
        g.description AS description, g.place AS place, g.scheduled_at AS scheduled_at,
        g.duration_minutes AS duration_minutes, g.max_players AS max_players, g.signup_method AS signup_method,
        g.status AS status, g.host_id AS host_id, g.version AS version
        """

    private static func game(
        _ row: Row, signups: [(user: UserID, joinedAt: Int64)], names: [UserID: String]
    ) throws -> Game {
        let maxPlayers = try row["max_players", as: Int.self]
        let host = UserID(try row["host_id", as: Int64.self])
        guard let method = Game.SignupMethod(rawValue: try row["signup_method", as: String.self]),
            let status = Game.Status(rawValue: try row["status", as: String.self])
        else { throw StoreError(.decoding, "A game has a status or a sign-up method that this version doesn't know.") }
        return Game(
            id: GameID(known: try row["id", as: String.self]), guildID: GuildID(try row["guild_id", as: Int64.self]),
            channelID: ChannelID(try row["channel_id", as: Int64.self]),
            messageID: try row["message_id", as: Int64?.self].map { MessageID($0) },
            title: try row["title", as: String.self], description: try row["description", as: String.self],
            place: try row["place", as: String.self], scheduledAt: try row["scheduled_at", as: Int64.self],
            durationMinutes: try row["duration_minutes", as: Int.self], maxPlayers: maxPlayers, signupMethod: method,
            status: status, host: Game.Host(id: host, name: names[host] ?? unknownName),
            participants: signups.enumerated().map { index, signup in
                Participant(
                    userID: signup.user, displayName: names[signup.user] ?? unknownName, joinedAt: signup.joinedAt,
                    state: index < maxPlayers ? .confirmed : .waiting)
            },
            version: try row["version", as: Int64.self])
    }

    /// For accounts that were never reported or have been removed.
    private static let unknownName = "Unknown member"
}
