package import Discord
import DiscordCommunity
import Guilds
import Scheduler
package import Store

/// Reads and writes the bot's table.
///
/// A card is outdated while it shows an older version than its game has, so that a change to a game is by itself what makes
/// the bot edit the message, also after a crash. An edit writes once: when Discord has confirmed it.
///
/// Errors: `StoreError`.
package struct CardRecords: Sendable {
    let database: any Database
    /// The part of the guilds that this bot serves; `nil` when it serves them all.
    let shard: GatewaySession.Shard?

    /// How many rows are looked at, or changed, by one statement where there may be many.
    package static let stepSize = 500

    package init(database: any Database, shard: GatewaySession.Shard? = nil) {
        self.database = database
        self.shard = shard
    }

    /// Whether the shard serves the guild of a row of `cards`.
    func isServed(_ column: String) -> String {
        shard.map { "(\(column) >> 22) % \($0.count) = \($0.number)" } ?? "1 = 1"
    }

    func serves(_ guild: GuildID) -> Bool { shard?.serves(Snowflake(guild)) ?? true }

    private static let columns = """
        c.game_id AS game_id, c.guild_id AS guild_id, c.channel_id AS channel_id, c.shown_version AS shown_version,
        c.message_id AS message_id, c.fingerprint AS fingerprint, c.nonce AS nonce, c.posting_since AS posting_since
        """

    /// The next cards after $1 that aren't settled.
    static let step = """
        SELECT game_id FROM cards WHERE settled_since IS NULL AND game_id > $1 ORDER BY game_id LIMIT \(stepSize)
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

    /// Up to `limit` cards that don't show the newest version of their game and have no known problem. Settled cards aren't
    /// looked at, and the others in steps.
    package func outdated(limit: Int) async throws -> [CardRecord] {
        var cards: [CardRecord] = []
        var last = ""
        while cards.count < limit {
            let step = [
                Statement("SELECT MAX(s.game_id) AS last FROM (\(Self.step)) s", [.text(last)]),
                Statement(
                    """
                    SELECT \(Self.columns) FROM (\(Self.step)) s JOIN cards c ON c.game_id = s.game_id
                        JOIN games g ON g.id = c.game_id
                    WHERE \(Self.isOutdated) AND c.problem IS NULL AND \(isServed("c.guild_id"))
                    ORDER BY c.game_id
                    """, [.text(last)]),
            ]
            let rows = try await database.read { try await $0.query(step) }
            guard let end = try rows[0].first?["last", as: String?.self] else { break }
            cards += try rows[1].map(Self.record)
            last = end
        }
        return Array(cards.prefix(limit))
    }

    /// A game whose card isn't what it should be.
    struct Due: Sendable {
        let game: GameID
        let guild: GuildID
        let channel: ChannelID
        /// Whether it has no card at all, or one that was taken for settled.
        let isMissing: Bool

        var lane: CardQueue.Lane { CardQueue.Lane(guild, channel) }
    }

    private static let due = """
        SELECT g.id AS game_id, g.guild_id AS guild_id, g.channel_id AS channel_id, g.status AS status,
            CASE WHEN c.game_id IS NULL OR c.settled_since IS NOT NULL THEN 1 ELSE 0 END AS is_missing, CASE WHEN \(isDue) THEN 1 ELSE 0 END AS is_due
        FROM games g LEFT JOIN cards c ON c.game_id = g.id
        """
    private static let isDue = """
        (c.game_id IS NULL OR \(isOutdated) OR COALESCE(c.message_id, 0) <> COALESCE(g.message_id, 0))
        """

    /// The game, unless its card shows it as it is.
    ///
    /// - Throws: also when this version can't read the game: then its card can't follow.
    func due(_ game: GameID) async throws -> Due? {
        let rows = try await database.read {
            try await $0.query("\(Self.due) WHERE g.id = $1", [.text(game.description)])
        }
        guard let row = rows.first else { return nil }
        guard Game.Status(rawValue: try row["status", as: String.self]) != nil else {
            throw StoreError(.decoding, "A game has a status that this version doesn't know.")
        }
        return try row["is_due", as: Bool.self] ? Self.due(row) : nil
    }

    /// Games in these guilds that lack their card or changed without it, as far as the card may still change: at most `limit`,
    /// after `last`.
    func due(in guilds: [GuildID], after last: GameID?, limit: Int) async throws -> [Due] {
        try await due("g.status IN ('scheduled', 'in_progress')", "g", guilds, last, limit)
    }

    /// Games in these guilds whose card isn't what it should be because a problem kept it from that: at most `limit`, after
    /// `last`.
    func troubled(in guilds: [GuildID], after last: GameID?, limit: Int) async throws -> [Due] {
        try await due("c.problem IS NOT NULL AND c.settled_since IS NULL", "c", guilds, last, limit)
    }

    /// - Parameter table: by whose columns the condition's index finds them.
    private func due(
        _ condition: String, _ table: String, _ guilds: [GuildID], _ last: GameID?, _ limit: Int
    ) async throws -> [Due] {
        let id = table == "g" ? "g.id" : "c.game_id"
        let places = guilds.indices.map { "$\($0 + 3)" }.joined(separator: ", ")
        return try await database.read { reading in
            try await reading.query(
                """
                \(Self.due) WHERE \(table).guild_id IN (\(places)) AND \(id) > $1 AND \(Self.isDue) AND \(condition)
                ORDER BY \(id) LIMIT $2
                """,
                [.text(last?.description ?? ""), .integer(Int64(limit))] + guilds.map { .integer($0.number) }
            ).map(Self.due)
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

    /// Adds cards for games that have none. A card that was settled no longer is.
    func add(_ games: [Due]) async throws {
        guard !games.isEmpty else { return }
        try await database.transaction(locking: []) { transaction in
            for game in games {
                try await transaction.enqueue(
                    """
                    INSERT INTO cards (game_id, guild_id, channel_id, wanted, shown, shown_version)
                    VALUES ($1, $2, $3, 0, 0, 0) ON CONFLICT (game_id) DO UPDATE SET settled_since = NULL
                    """,
                    [.text(game.game.description), .integer(game.guild.number), .integer(game.channel.number)])
            }
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

    /// The message shows this version of the game, unless another process has recorded a version since `record` was read: two
    /// that both take themselves for the leader, because one of them was paused. Which of their edits came last is unknown,
    /// so the card counts as outdated then.
    ///
    /// - Returns: whether it was recorded.
    func showed(
        _ version: Int64, message: MessageID?, fingerprint: String?, after record: CardRecord
    ) async throws -> Bool {
        let game = Value.text(record.game.description)
        return try await database.transaction(locking: []) { transaction in
            let isRecorded =
                try await transaction.execute(
                    """
                    UPDATE cards SET shown_version = $1, message_id = $2, fingerprint = $3, nonce = NULL,
                        posting_since = NULL, problem = NULL, problem_text = NULL, problem_since = NULL, shown = wanted
                    WHERE game_id = $4 AND COALESCE(shown_version, -1) = $5
                    """,
                    [
                        .integer(version), Value(message?.number), Value(fingerprint), game,
                        .integer(record.shownVersion ?? -1),
                    ]) > 0
            if !isRecorded {
                try await transaction.execute(
                    "UPDATE cards SET shown_version = 0, fingerprint = NULL, settled_since = NULL WHERE game_id = $1",
                    [game])
            }
            return isRecorded
        }
    }

    /// What the message shows isn't certain.
    func distrust(_ game: GameID) async throws {
        try await update("shown_version = 0, fingerprint = NULL, settled_since = NULL", [], game)
    }

    /// Discord refuses the card. What the message shows isn't certain: an attempt before may have been carried out.
    func failed(_ game: GameID, code: String, message: String, at now: Int64) async throws {
        try await update(
            "problem = $1, problem_text = $2, problem_since = $3, fingerprint = NULL",
            [.text(code), .text(message), .integer(now)], game)
    }

    func forget(_ game: GameID) async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.enqueue("DELETE FROM cards WHERE game_id = $1", [.text(game.description)])
        }
    }

    private func update(_ assignments: String, _ values: [Value], _ game: GameID) async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.enqueue(
                "UPDATE cards SET \(assignments) WHERE game_id = $\(values.count + 1)",
                values + [.text(game.description)])
        }
    }

    private static func due(_ row: Row) throws -> Due {
        guard let game = GameID(try row["game_id", as: String.self]) else {
            throw StoreError(.decoding, "A game has an identifier that can't be read.")
        }
        return Due(
            game: game, guild: GuildID(try row["guild_id", as: Int64.self]),
            channel: ChannelID(try row["channel_id", as: Int64.self]),
            isMissing: try row["is_missing", as: Bool.self])
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
