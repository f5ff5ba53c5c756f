import Core
import Guilds
import Scheduler
import Store

/// What is done to many cards at once: in steps of `stepSize`, each a transaction of its own, so that nobody waits for long
/// however many cards there are. What a crash leaves undone is done the next time.
///
/// A card is *settled* once it shows the end of its game. Then nothing looks at it any more unless its game changes after all,
/// and after a week it is removed: the message stays.
extension CardRecords {
    /// How long settled cards are kept.
    package static let lifeAfterGame = Duration.seconds(7 * 86_400)
    /// How long after the end of its game a card counts as settled although a problem keeps it from showing that.
    package static let lifeWithProblem = Duration.seconds(30 * 86_400)

    /// Any card of a game that isn't over may be wrong or deleted: events were missed. Those of other games count as outdated
    /// only if they don't show the end.
    package func invalidateAll() async throws {
        try await inSteps(ofSettled: true) { range in
            Statement(
                """
                UPDATE cards SET shown_version = 0, fingerprint = NULL, settled_since = NULL
                WHERE \(range.condition) AND \(isServed("guild_id")) AND (shown_version IS NULL OR EXISTS (
                    SELECT 1 FROM games g WHERE g.id = cards.game_id
                        AND (g.status IN ('scheduled', 'in_progress') OR g.version > cards.shown_version)))
                """, range.values)
        }
    }

    /// The former leader may have sent an edit whose outcome it didn't record: what outdated cards show isn't certain.
    package func distrustOutdated() async throws {
        try await inSteps { range in
            Statement(
                """
                UPDATE cards SET fingerprint = NULL
                WHERE \(range.condition) AND \(isServed("guild_id")) AND fingerprint IS NOT NULL AND (wanted > shown
                    OR shown_version < (SELECT g.version FROM games g WHERE g.id = cards.game_id))
                """, range.values)
        }
    }

    /// Settles the cards that show the end of their game, and removes those that have been settled for long.
    ///
    /// - Parameter now: in milliseconds since 1970.
    package func tidy(at now: Int64) async throws {
        try await inSteps { range in
            Statement(
                """
                UPDATE cards SET settled_since = $3
                WHERE \(range.condition) AND \(isServed("guild_id")) AND nonce IS NULL AND EXISTS (
                    SELECT 1 FROM games g WHERE g.id = cards.game_id AND g.status IN ('completed', 'cancelled')
                        AND (g.ends_at < $4 OR cards.problem IS NULL AND cards.shown_version >= g.version
                            AND COALESCE(cards.message_id, 0) = COALESCE(g.message_id, 0)))
                """,
                range.values + [.integer(now), .integer(now - Self.lifeWithProblem.milliseconds)])
        }
        var removed = Self.stepSize
        while removed == Self.stepSize {
            removed = try await database.transaction(locking: []) { transaction in
                try await transaction.execute(
                    """
                    DELETE FROM cards WHERE game_id IN (
                        SELECT game_id FROM cards WHERE settled_since < $1 AND \(isServed("guild_id"))
                        ORDER BY settled_since LIMIT \(Self.stepSize))
                    """, [.integer(now - Self.lifeAfterGame.milliseconds)])
            }
        }
    }

    /// Cards whose games follow one another.
    private struct Range {
        let after: String
        let through: String

        /// With the first two placeholders.
        var condition: String { "game_id > $1 AND game_id <= $2" }
        var values: [Value] { [.text(after), .text(through)] }
    }

    /// Goes through the cards in the order of their games.
    ///
    /// - Parameter ofSettled: whether settled cards are among them.
    private func inSteps(ofSettled: Bool = false, _ change: (Range) -> Statement) async throws {
        let step =
            ofSettled
            ? "SELECT game_id FROM cards WHERE game_id > $1 ORDER BY game_id LIMIT \(Self.stepSize)" : Self.step
        var last = ""
        while true {
            let next = Statement("SELECT MAX(s.game_id) AS last FROM (\(step)) s", [.text(last)])
            let rows = try await database.query(next)
            guard let end = try rows.first?["last", as: String?.self] else { return }
            let statement = change(Range(after: last, through: end))
            _ = try await database.transaction(locking: []) {
                try await $0.execute(statement.sql, statement.values)
            }
            last = end
        }
    }
}
