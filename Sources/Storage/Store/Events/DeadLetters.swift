package import Core

/// The events that readers gave up, kept in the database until an operator has dealt with them.
///
/// To have letters tried once more, set their `again` to 1 in the table: `toTryAgain` returns them. Throws `StoreError`.
package struct DeadLetters: Sendable {
    /// How many there are of one consumer.
    package struct Summary: Sendable, Hashable {
        package let consumer: String
        package let count: Int
        /// When the oldest of them was given up, in milliseconds since 1970.
        package let since: Int64
    }

    private let database: any Database
    private let limit: Int
    private let time: TimeSource

    /// - Parameter limit: how many are kept of each consumer; beyond that the oldest go.
    package init(_ database: any Database, limit: Int = 1000, time: TimeSource = .system) {
        precondition(limit > 0)
        self.database = database
        self.limit = limit
        self.time = time
    }

    /// Adds a letter together with what else the transaction does. One of the same event is replaced; the attempts add up.
    package func add(_ letter: DeadLetter, in transaction: any Transaction) async throws {
        let event = letter.event
        try await transaction.execute(
            """
            INSERT INTO store_dead_letters
                (consumer, epoch, number, topic, kind, payload, time, error, attempts, failed_at, again)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
            ON CONFLICT (consumer, epoch, number) DO UPDATE SET
                error = excluded.error, attempts = store_dead_letters.attempts + excluded.attempts,
                failed_at = excluded.failed_at, again = 0
            """,
            [
                .text(letter.consumer), .text(letter.epoch), .integer(event.number), .text(event.topic),
                .text(event.kind), .text(event.payload), .integer(event.time), .text(Self.kept(letter.error)),
                .integer(Int64(letter.attempts)), .integer(time.milliseconds),
            ])
        // SQLite knows no OFFSET without LIMIT, so there is one that never matters.
        try await transaction.execute(
            """
            DELETE FROM store_dead_letters WHERE consumer = $1 AND (epoch, number) IN (
                SELECT epoch, number FROM store_dead_letters WHERE consumer = $1
                ORDER BY failed_at DESC, number DESC LIMIT 1000000000 OFFSET $2)
            """, [.text(letter.consumer), .integer(Int64(limit))])
    }

    /// Up to `limit` letters that are marked to be tried again, those given up first at the front.
    package func toTryAgain(_ consumer: String, limit: Int) async throws -> [DeadLetter] {
        try await database.read { reader in
            try await reader.query(
                """
                SELECT consumer, epoch, number, topic, kind, payload, time, error, attempts FROM store_dead_letters
                WHERE consumer = $1 AND again = 1 ORDER BY failed_at, number LIMIT $2
                """, [.text(consumer), .integer(Int64(limit))]
            ).map(DeadLetter.init)
        }
    }

    /// Removes the letter of an event that has been dealt with after all.
    package func remove(_ letter: DeadLetter) async throws {
        try await database.transaction(locking: []) { transaction in
            try await transaction.execute(
                "DELETE FROM store_dead_letters WHERE consumer = $1 AND epoch = $2 AND number = $3",
                [.text(letter.consumer), .text(letter.epoch), .integer(letter.event.number)])
        }
    }

    /// Returns how many letters there are, by consumer; empty when there are none.
    package func summary() async throws -> [Summary] {
        try await database.read { reader in
            try await reader.query(
                """
                SELECT consumer, COUNT(*) AS count, MIN(failed_at) AS since FROM store_dead_letters
                GROUP BY consumer ORDER BY consumer
                """
            ).map { row in
                Summary(
                    consumer: try row["consumer"], count: try row["count", as: Int.self], since: try row["since"])
            }
        }
    }

    /// Bounded, however long the error's description, and without the one character that PostgreSQL refuses.
    private static func kept(_ error: String) -> String { String(error.replacing("\u{0}", with: "").prefix(1000)) }
}
