import Core
import Guilds
import Store

/// The scheduler's writes within one transaction. Errors: every method throws what the database throws.
struct GameChanges {
    let transaction: any Transaction
    let now: Int64

    init(_ transaction: any Transaction, now: Int64) {
        self.transaction = transaction
        self.now = now
    }

    private func reread(_ id: GameID) async throws -> Game {
        guard let game = try await GameRecords(transaction).game(id) else { throw SchedulerError.gameNotFound }
        return game
    }

    /// - Parameter game: as it was before the change; a new one as it is.
    func append(_ event: GameEvent, _ game: some GameIdentity, _ command: Command?) async throws {
        let version = event == .created ? game.version : game.version + 1
        try await transaction.append(event.draft(game, version: version, command: command))
    }

    func insert(_ details: GameDetails, host: UserID) async throws -> Game {
        let id = GameID.random()
        try await transaction.execute(
            """
            INSERT INTO games (id, guild_id, channel_id, title, description, place, scheduled_at, ends_at,
                duration_minutes, max_players, signup_method, status, host_id, version, details_version, next_place,
                created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'scheduled', $12, 1, 1, 1, $13)
            """,
            [
                .text(id.description), .integer(details.guildID.number), .integer(details.channelID.number),
                .text(details.title), .text(details.description), .text(details.place),
                .integer(details.scheduledAt), .integer(details.endsAt), Value(details.durationMinutes),
                Value(details.maxPlayers), .text(details.signupMethod.rawValue), .integer(host.number), .integer(now),
            ])
        return try await reread(id)
    }

    func update(_ id: GameID, to details: GameDetails) async throws -> Game {
        try await transaction.execute(
            """
            UPDATE games SET title = $1, description = $2, place = $3, scheduled_at = $4, ends_at = $5,
                duration_minutes = $6, max_players = $7, signup_method = $8, version = version + 1,
                details_version = version + 1
            WHERE id = $9
            """,
            [
                .text(details.title), .text(details.description), .text(details.place),
                .integer(details.scheduledAt), .integer(details.endsAt), Value(details.durationMinutes),
                Value(details.maxPlayers), .text(details.signupMethod.rawValue), .text(id.description),
            ])
        return try await reread(id)
    }

    func set(_ status: Game.Status, _ id: GameID) async throws -> Game {
        try await transaction.execute(
            "UPDATE games SET status = $1, version = version + 1, details_version = version + 1 WHERE id = $2",
            [.text(status.rawValue), .text(id.description)])
        return try await reread(id)
    }

    func set(card message: MessageID?, _ id: GameID) async throws -> Int64? {
        try await transaction.query(
            "UPDATE games SET message_id = $1, version = version + 1 WHERE id = $2 RETURNING version",
            [Value(message?.number), .text(id.description)]
        ).first.map { try $0["version", as: Int64.self] }
    }

    /// - Parameter place: the next one, which nobody else can have taken: the caller holds the game's lock.
    func join(_ user: UserID, _ id: GameID, place: Int64) async throws {
        try await transaction.enqueue(
            "UPDATE games SET next_place = $1, version = version + 1 WHERE id = $2",
            [.integer(place + 1), .text(id.description)])
        try await transaction.enqueue(
            "INSERT INTO participants (game_id, user_id, place, joined_at) VALUES ($1, $2, $3, $4)",
            [.text(id.description), .integer(user.number), .integer(place), .integer(now)])
    }

    func leave(_ user: UserID, _ id: GameID) async throws {
        try await transaction.enqueue(
            "DELETE FROM participants WHERE game_id = $1 AND user_id = $2",
            [.text(id.description), .integer(user.number)])
        try await transaction.enqueue(
            "UPDATE games SET version = version + 1 WHERE id = $1", [.text(id.description)])
    }

    /// Up to `limit` games that are due to start or to end at `now`.
    static func due(at now: Int64, limit: Int, _ reading: any Reading) async throws -> [GameID] {
        try await reading.query(
            """
            SELECT id FROM games WHERE (status = 'scheduled' AND scheduled_at <= $1)
                OR (status = 'in_progress' AND ends_at <= $2)
            ORDER BY scheduled_at, id LIMIT $3
            """, [.integer(now), .integer(now), .integer(Int64(limit))]
        ).map { GameID(known: try $0["id", as: String.self]) }
    }

    /// Starts those of `games` whose time has come, completes those that have lasted long enough, and appends an event for
    /// each change. The caller holds the games' locks. Returns how many changes there were.
    func passTime(_ games: [GameID]) async throws -> Int {
        let started = try await turn(.scheduled, to: .inProgress, due: "scheduled_at", .started, games)
        let completed = try await turn(.inProgress, to: .completed, due: "ends_at", .completed, games)
        return started + completed
    }

    private func turn(
        _ status: Game.Status, to next: Game.Status, due column: String, _ event: GameEvent, _ games: [GameID]
    ) async throws -> Int {
        let marks = games.indices.map { "$\($0 + 4)" }.joined(separator: ", ")
        let rows = try await transaction.query(
            """
            UPDATE games SET status = $1, version = version + 1, details_version = version + 1
            WHERE status = $2 AND \(column) <= $3 AND id IN (\(marks))
            RETURNING id, guild_id, channel_id, host_id, version
            """,
            [.text(next.rawValue), .text(status.rawValue), .integer(now)] + games.map { .text($0.description) })
        for row in rows {
            let game = try ChangedGame(row)
            try await transaction.append(event.draft(game, version: game.version, command: nil))
        }
        return rows.count
    }
}

/// A game that a statement has changed.
private struct ChangedGame: GameIdentity {
    let id: GameID
    let guildID: GuildID
    let channelID: ChannelID
    let hostID: UserID
    /// After the change.
    let version: Int64

    init(_ row: Row) throws {
        id = GameID(known: try row["id", as: String.self])
        guildID = GuildID(try row["guild_id", as: Int64.self])
        channelID = ChannelID(try row["channel_id", as: Int64.self])
        hostID = UserID(try row["host_id", as: Int64.self])
        version = try row["version"]
    }
}

extension GameDetails {
    var endsAt: Int64 { scheduledAt + Duration.seconds(60 * durationMinutes).milliseconds }

    init(_ game: Game) {
        self.init(
            guildID: game.guildID, channelID: game.channelID, title: game.title, description: game.description,
            place: game.place, scheduledAt: game.scheduledAt, durationMinutes: game.durationMinutes,
            maxPlayers: game.maxPlayers, signupMethod: game.signupMethod)
    }
}
