import Core
package import Guilds
import Store

/// What the bot needs to keep a card in the channel for each game. It asks for nobody, so nothing is hidden from it: only
/// what everybody who sees the channel may know goes onto a card.
extension GameService {
    package func game(_ id: GameID) async throws -> Game? {
        try await database.read { try await GameRecords($0).game(id) }
    }

    /// The game whose card this message is.
    package func game(withCard message: MessageID) async throws -> Game? {
        try await database.read { try await GameRecords($0).game(message: message) }
    }

    /// Games whose card may still change, oldest first, in pages: what a bot that was away looks through.
    package func openGames(of guild: GuildID, after: GameCursor? = nil, limit: Int = 100) async throws -> GamePage {
        try await database.read { reading in
            let rows = try await reading.query(
                """
                SELECT \(GameRecords.columns) FROM games g
                WHERE g.guild_id = $1 AND g.status IN ('scheduled', 'in_progress')
                    AND (g.scheduled_at > $2 OR (g.scheduled_at = $3 AND g.id > $4))
                ORDER BY g.scheduled_at, g.id LIMIT $5
                """,
                [
                    .integer(guild.number), .integer(after?.scheduledAt ?? .min), .integer(after?.scheduledAt ?? .min),
                    .text(after?.id.description ?? ""), .integer(Int64(limit + 1)),
                ])
            let games = try await GameRecords(reading).games(Array(rows.prefix(limit)))
            return GamePage(games: games, next: rows.count > limit ? games.last.map(GameCursor.init) : nil)
        }
    }

    /// Remembers which message is the game's card, or that there is none any more, and tells it as `game.updated`.
    ///
    /// - Parameter expected: the card that the caller knows of. When another one has been recorded meanwhile nothing
    ///   changes: of two messages that were posted at once one loses, and whoever posted it deletes it.
    /// - Returns: the game's version after the change, so that the caller knows that its card is up to date; `nil`
    ///   when nothing changed.
    @discardableResult
    package func recordCard(
        _ message: MessageID?, of id: GameID, replacing expected: MessageID?
    ) async throws -> Int64? {
        let now = time.milliseconds
        return try await database.transaction { transaction in
            let changes = GameChanges(transaction, now: now)
            try await GameChanges.lock(id, transaction)
            guard let game = try await GameRecords(transaction).game(id), game.messageID == expected,
                expected != message
            else { return nil }
            let version = try await changes.set(card: message, id)
            try await changes.tell(.updated, game, nil)
            return version
        }
    }
}
