package import Guilds
package import Scheduler
import Store

/// What is remembered of the message of one game.
struct CardRecord: Hashable, Sendable {
    let game: GameID
    let guild: GuildID
    let channel: ChannelID
    /// Counts what happened to the game; `shown` follows once the message shows it.
    let wanted: Int64
    let message: MessageID?
    /// Of the card that `message` shows; `nil` when that isn't certain.
    let fingerprint: String?
    /// Of a message that was begun and of which nothing has been heard.
    let nonce: String?
    /// Milliseconds since 1970.
    let postingSince: Int64?
    let problem: String?
}

/// Something that only a person can mend, such as a missing permission.
package struct CardProblem: Hashable, Sendable {
    package let game: GameID
    package let guild: GuildID
    package let channel: ChannelID
    /// A stable code, such as `discord_missing_permission`.
    package let code: String
    package let message: String
    /// Milliseconds since 1970.
    package let since: Int64
}

/// Reads and writes the bot's table.
struct CardRecords: Sendable {
    let database: any Database

    private static let columns =
        "game_id, guild_id, channel_id, wanted, message_id, fingerprint, nonce, posting_since, problem"

    /// Something happened to the game: its message is to follow, also after a crash.
    func want(_ game: Game) async throws {
        try await database.transaction { transaction in
            try await transaction.execute(
                """
                INSERT INTO cards (game_id, guild_id, channel_id, wanted, shown) VALUES ($1, $2, $3, 1, 0)
                ON CONFLICT (game_id) DO UPDATE SET wanted = cards.wanted + 1
                """,
                [
                    .text(game.id.description), .integer(game.guildID.number), .integer(game.channelID.number),
                ])
        }
    }

    func card(of game: GameID) async throws -> CardRecord? {
        try await database.read { reading in
            try await reading.query("SELECT \(Self.columns) FROM cards WHERE game_id = $1", [.text(game.description)])
                .first.map(Self.record)
        }
    }

    /// Every message may be behind: events were missed.
    func wantAll() async throws {
        try await database.transaction { transaction in
            try await transaction.execute("UPDATE cards SET wanted = wanted + 1, fingerprint = NULL")
        }
    }

    /// Cards whose message does not show the newest state, and no problem stands in the way.
    func outdated() async throws -> [CardRecord] {
        try await database.read { reading in
            try await reading.query(
                "SELECT \(Self.columns) FROM cards WHERE wanted > shown AND problem IS NULL ORDER BY game_id"
            ).map(Self.record)
        }
    }

    /// Cards that a missing permission or the like kept from being right, in one guild or in all.
    func troubled(in guild: GuildID) async throws -> [CardRecord] {
        try await database.read { reading in
            try await reading.query(
                """
                SELECT \(Self.columns) FROM cards WHERE guild_id = $1 AND problem IS NOT NULL AND wanted > shown
                ORDER BY game_id
                """, [.integer(guild.number)]
            ).map(Self.record)
        }
    }

    func problems(limit: Int) async throws -> [CardProblem] {
        try await database.read { reading in
            try await reading.query(
                """
                SELECT game_id, guild_id, channel_id, problem, problem_text, problem_since FROM cards
                WHERE problem IS NOT NULL ORDER BY problem_since LIMIT $1
                """, [.integer(Int64(limit))]
            ).compactMap { row in
                guard let game = GameID(try row["game_id", as: String.self]) else { return nil }
                return CardProblem(
                    game: game, guild: GuildID(try row["guild_id", as: Int64.self]),
                    channel: ChannelID(try row["channel_id", as: Int64.self]),
                    code: try row["problem", as: String.self], message: try row["problem_text", as: String.self],
                    since: try row["problem_since", as: Int64.self])
            }
        }
    }

    /// About to post: whatever happens next, the nonce tells whether it was done.
    func begin(_ game: GameID, nonce: String, at now: Int64) async throws {
        try await update(
            "nonce = $1, posting_since = $2, message_id = NULL, fingerprint = NULL",
            [.text(nonce), .integer(now)], game)
    }

    /// About to change the message: whatever happens next, it may show another card than the one remembered.
    func beginEdit(_ game: GameID) async throws { try await update("fingerprint = NULL", [], game) }

    /// Whatever was begun is not there, and need not be.
    func abandonPost(_ game: GameID) async throws { try await update("nonce = NULL, posting_since = NULL", [], game) }

    /// The message shows what was wanted then.
    func showed(_ game: GameID, wanted: Int64, message: MessageID?, fingerprint: String?) async throws {
        try await update(
            """
            shown = $1, message_id = $2, fingerprint = $3, nonce = NULL, posting_since = NULL, problem = NULL,
            problem_text = NULL, problem_since = NULL
            """, [.integer(wanted), Value(message?.number), Value(fingerprint)], game)
    }

    func failed(_ game: GameID, code: String, message: String, at now: Int64) async throws {
        try await update(
            "problem = $1, problem_text = $2, problem_since = $3", [.text(code), .text(message), .integer(now)], game)
    }

    func forget(_ game: GameID) async throws {
        try await database.transaction { transaction in
            try await transaction.execute("DELETE FROM cards WHERE game_id = $1", [.text(game.description)])
        }
    }

    private func update(_ assignments: String, _ values: [Value], _ game: GameID) async throws {
        try await database.transaction { transaction in
            try await transaction.execute(
                "UPDATE cards SET \(assignments) WHERE game_id = $\(values.count + 1)",
                values + [.text(game.description)])
        }
    }

    private static func record(_ row: Row) throws -> CardRecord {
        guard let game = GameID(try row["game_id", as: String.self]) else {
            throw StoreError(.decoding, "A card's game is no game.")
        }
        return CardRecord(
            game: game, guild: GuildID(try row["guild_id", as: Int64.self]),
            channel: ChannelID(try row["channel_id", as: Int64.self]), wanted: try row["wanted", as: Int64.self],
            message: try row["message_id", as: Int64?.self].map { MessageID($0) },
            fingerprint: try row["fingerprint", as: String?.self], nonce: try row["nonce", as: String?.self],
            postingSince: try row["posting_since", as: Int64?.self], problem: try row["problem", as: String?.self])
    }
}
