import Guilds
import Store

/// Reads the scheduler's rows within a read or transaction that a use case has opened. Errors: every method throws what the
/// database throws.
struct GameRecords {
    let reading: any Reading

    init(_ reading: any Reading) { self.reading = reading }

    func game(_ id: GameID) async throws -> Game? { try await reading.look(up: Self.game(id)) }

    func game(message: MessageID) async throws -> Game? {
        try await games(
            reading.query("\(Self.select) WHERE g.message_id = $1", [.integer(message.number)])
        ).first
    }

    static func game(_ id: GameID) -> Lookup<Game?> {
        Lookup([Statement("\(select) WHERE g.id = $1", [.text(id.description)]), signups(of: [id.description])]) {
            try Self.games($0[0], signups: $0[1]).first
        }
    }

    /// Also its channel, if the gateway has reported it.
    static func gameAndChannel(_ id: GameID) -> Lookup<(Game?, Channel?)> {
        let channel = Statement("SELECT channel_id FROM games WHERE id = $1", [.text(id.description)])
        return game(id).and(GuildRecords.channel(selectedBy: channel))
    }

    /// The version since which a game's details, its participants aside, have not changed.
    func detailsVersion(of id: GameID) async throws -> Int64 {
        let rows = try await reading.query(
            "SELECT details_version FROM games WHERE id = $1", [.text(id.description)])
        return try rows.first.map { try $0["details_version", as: Int64.self] } ?? 0
    }

    /// The games of rows that `select` has selected, with their participants.
    func games(_ rows: [Row]) async throws -> [Game] {
        guard !rows.isEmpty else { return [] }
        let ids = try rows.map { try $0["id", as: String.self] }
        return try Self.games(rows, signups: await reading.query([Self.signups(of: ids)])[0])
    }

    private static func signups(of games: [String]) -> Statement {
        let name = GuildRecords.displayName(of: "p.user_id", in: "g.guild_id", as: "name")
        return Statement(
            """
            SELECT p.game_id AS game_id, p.user_id AS user_id, p.joined_at AS joined_at, \(name.column)
            FROM participants p JOIN games g ON g.id = p.game_id \(name.joins)
            WHERE p.game_id IN (\(games.indices.map { "$\($0 + 1)" }.joined(separator: ", "))) ORDER BY p.game_id, p.place
            """, games.map { .text($0) })
    }

    private static func games(_ rows: [Row], signups: [Row]) throws -> [Game] {
        var byGame: [String: [Row]] = [:]
        for signup in signups { byGame[try signup["game_id", as: String.self], default: []].append(signup) }
        return try rows.map { try game($0, signups: byGame[try $0["id", as: String.self]] ?? []) }
    }

    private static let hostName = GuildRecords.displayName(of: "g.host_id", in: "g.guild_id", as: "host_name")

    /// Selects the rows of games; conditions may follow.
    static let select = "SELECT \(columns), \(hostName.column) FROM games g \(hostName.joins)"

    private static let columns = """
        g.id AS id, g.guild_id AS guild_id, g.channel_id AS channel_id, g.message_id AS message_id, g.title AS title,
        g.description AS description, g.place AS place, g.scheduled_at AS scheduled_at,
        g.duration_minutes AS duration_minutes, g.max_players AS max_players, g.signup_method AS signup_method,
        g.status AS status, g.host_id AS host_id, g.version AS version
        """

    private static func game(_ row: Row, signups: [Row]) throws -> Game {
        let maxPlayers = try row["max_players", as: Int.self]
        let status = try Game.Status(stored: row["status"])
        guard let method = Game.SignupMethod(rawValue: try row["signup_method", as: String.self]) else {
            throw StoreError(.decoding, "A game has a sign-up method that this version doesn't know.")
        }
        return Game(
            id: GameID(known: try row["id", as: String.self]), guildID: GuildID(try row["guild_id", as: Int64.self]),
            channelID: ChannelID(try row["channel_id", as: Int64.self]),
            messageID: try row["message_id", as: Int64?.self].map { MessageID($0) },
            title: try row["title", as: String.self], description: try row["description", as: String.self],
            place: try row["place", as: String.self], scheduledAt: try row["scheduled_at", as: Int64.self],
            durationMinutes: try row["duration_minutes", as: Int.self], maxPlayers: maxPlayers, signupMethod: method,
            status: status,
            host: Game.Host(
                id: UserID(try row["host_id", as: Int64.self]),
                name: try row["host_name", as: String?.self] ?? unknownName),
            participants: try signups.enumerated().map { index, signup in
                Participant(
                    userID: UserID(try signup["user_id", as: Int64.self]),
                    displayName: try signup["name", as: String?.self] ?? unknownName,
                    joinedAt: try signup["joined_at", as: Int64.self],
                    state: index < maxPlayers ? .confirmed : .waiting)
            },
            version: try row["version", as: Int64.self])
    }

    /// For accounts that were never reported or have been removed.
    private static let unknownName = "Unknown member"
}

extension Game.Status {
    /// Errors: `StoreError` for a status that only newer versions know.
    init(stored text: String) throws(StoreError) {
        guard let status = Self(rawValue: text) else {
            throw StoreError(.decoding, "A game has a status that this version doesn't know.")
        }
        self = status
    }
}
