import Core
package import Guilds
import Store

/// What the bot needs to keep a card for each game in its channel. These methods check nobody's access: a card shows only
/// what everybody who sees the channel may know.
extension GameService {
    /// Returns the game, whoever may know of it.
    package func game(_ id: GameID) async throws -> Game? {
        try await database.read { try await GameRecords($0).game(id) }
    }

    /// Returns the game whose card this message is.
    package func game(withCard message: MessageID) async throws -> Game? {
        try await database.read { try await GameRecords($0).game(message: message) }
    }

    /// Returns a page of the games whose card may still change, oldest first: a bot that missed events goes through them.
    package func openGames(of guild: GuildID, after: GameCursor? = nil, limit: Int = 100) async throws -> GamePage {
        try await database.read { reading in
            let rows = try await reading.query(
                """
                \(GameRecords.select)
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

    /// Records which message is the game's card, or that it has none any more, and appends `game.updated`.
    ///
    /// - Parameter expected: the card that the caller knows of. If another one has been recorded meanwhile, nothing changes:
    ///   of two messages posted at once one loses, and its poster deletes it.
    /// - Returns: the game's version after the change, so that the caller knows that its card is up to date; `nil` if nothing
    ///   changed.
    @discardableResult
    package func recordCard(
        _ message: MessageID?, of id: GameID, replacing expected: MessageID?
    ) async throws -> Int64? {
        let now = time.milliseconds
        return try await database.transaction(locking: [.exclusive("game", id)]) { transaction in
            let changes = GameChanges(transaction, now: now)
            guard let game = try await GameRecords(transaction).game(id), game.messageID == expected,
                expected != message
            else { return nil }
            let version = try await changes.set(card: message, id)
            try await changes.append(.updated, game, nil)
            return version
        }
    }
}
