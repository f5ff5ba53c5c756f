import Guilds
import Scheduler
import Store

/// Reads and writes the bot's table.
///
/// A card is outdated while it shows an older version than its game has, so that a change to a game is by itself what makes
/// the bot edit the message, also after a crash. An edit writes once: when Discord has confirmed it.
///
/// Errors: `StoreError`.
struct CardRecords: Sendable {
    let database: any Database

    private static let columns = """
        c.game_id AS game_id, c.guild_id AS guild_id, c.channel_id AS channel_id, c.shown_version AS shown_version,
        c.message_id AS message_id, c.fingerprint AS fingerprint, c.nonce AS nonce, c.posting_since AS posting_since
        """

    private static let isOutdated = "(c.shown_version IS NULL OR c.shown_version < g.version)"

    // MARK: Reading

    func card(of game: GameID) async throws -> CardRecord? {
        try await database.read { reading in
            try await reading.query(
                "SELECT \(Self.columns) FROM cards c WHERE c.game_id = $1", [.text(game.description)]
            ).first.map(Self.record)
        }
    }

    /// Cards that don't show the newest version of their game and have no known problem.
    func outdated(limit: Int) async throws -> [CardRecord] {
        try await database.read { reading in
            try await reading.query(
                """
                SELECT \(Self.columns) FROM cards c JOIN games g ON g.id = c.game_id
                WHERE \(Self.isOutdated) AND c.problem IS NULL ORDER BY c.game_id LIMIT $1
                """, [.integer(Int64(limit))]
            ).map(Self.record)
        }
    }

    /// Outdated cards in the guild that a problem kept from being right.
    func troubled(in guild: GuildID) async throws -> [CardRecord] {
        try await database.read { reading in
            try await reading.query(
                """
                SELECT \(Self.columns) FROM cards c JOIN games g ON g.id = c.game_id
                WHERE c.guild_id = $1 AND c.problem IS NOT NULL AND \(Self.isOutdated) ORDER BY c.game_id
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

    // MARK: Writing

    /// Adds a card for the game, which doesn't have a message yet. Does nothing if there is one.
    func add(_ game: Game) async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.execute(
                """
                INSERT INTO cards (game_id, guild_id, channel_id, wanted, shown, shown_version)
                VALUES ($1, $2, $3, 0, 0, 0) ON CONFLICT (game_id) DO NOTHING
                """,
                [
                    .text(game.id.description), .integer(game.guildID.number), .integer(game.channelID.number),
                ])
        }
    }

    /// Any card may be wrong or deleted: events were missed.
    func invalidateAll() async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.execute("UPDATE cards SET shown_version = 0, fingerprint = NULL")
        }
    }

    /// The former leader may have sent an edit whose outcome it didn't record: what outdated cards show isn't certain.
    func distrustOutdated() async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.execute(
                """
                UPDATE cards SET fingerprint = NULL WHERE fingerprint IS NOT NULL AND (wanted > shown
                    OR shown_version < (SELECT g.version FROM games g WHERE g.id = cards.game_id))
                """)
        }
    }

    /// Call before sending a new message: whatever happens next, the nonce tells whether it was posted.
    func beginPost(_ game: GameID, nonce: String, at now: Int64) async throws {
        try await update(
            "nonce = $1, posting_since = $2, message_id = NULL, fingerprint = NULL",
            [.text(nonce), .integer(now)], game)
    }

    /// The message that was begun doesn't exist and isn't needed.
    func abandonPost(_ game: GameID) async throws { try await update("nonce = NULL, posting_since = NULL", [], game) }

    /// The message shows this version of the game.
    func showed(_ game: GameID, version: Int64, message: MessageID?, fingerprint: String?) async throws {
        try await update(
            """
            shown_version = $1, message_id = $2, fingerprint = $3, nonce = NULL, posting_since = NULL, problem = NULL,
            problem_text = NULL, problem_since = NULL, shown = wanted
            """, [.integer(version), Value(message?.number), Value(fingerprint)], game)
    }

    /// Discord refuses the card. What the message shows isn't certain: an attempt before may have been carried out.
    func failed(_ game: GameID, code: String, message: String, at now: Int64) async throws {
        try await update(
            "problem = $1, problem_text = $2, problem_since = $3, fingerprint = NULL",
            [.text(code), .text(message), .integer(now)], game)
    }

    func forget(_ game: GameID) async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.execute("DELETE FROM cards WHERE game_id = $1", [.text(game.description)])
        }
    }

    private func update(_ assignments: String, _ values: [Value], _ game: GameID) async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.execute(
                "UPDATE cards SET \(assignments) WHERE game_id = $\(values.count + 1)",
                values + [.text(game.description)])
        }
    }

    private static func record(_ row: Row) throws -> CardRecord {
        guard let game = GameID(try row["game_id", as: String.self]) else {
            throw StoreError(.decoding, "A card has a game identifier that can't be read.")
        }
        return CardRecord(
            game: game, guild: GuildID(try row["guild_id", as: Int64.self]),
            channel: ChannelID(try row["channel_id", as: Int64.self]),
            shownVersion: try row["shown_version", as: Int64?.self],
            message: try row["message_id", as: Int64?.self].map { MessageID($0) },
            fingerprint: try row["fingerprint", as: String?.self], nonce: try row["nonce", as: String?.self],
            postingSince: try row["posting_since", as: Int64?.self])
    }
}
