package import Core

/// How far each named reader of an event log has come, kept in the database. Throws `StoreError`.
package struct Positions: Sendable {
    private let database: any Database
    private let time: TimeSource

    package init(_ database: any Database, time: TimeSource = .system) {
        self.database = database
        self.time = time
    }

    /// The number of the last event that `name` has dealt with; nil when it has none yet, or only one in another log.
    package func find(_ name: String, epoch: String) async throws -> Int64? {
        try await database.read { reader in
            let rows = try await reader.query(
                "SELECT number FROM store_positions WHERE name = $1 AND epoch = $2", [.text(name), .text(epoch)])
            return try rows.first?["number"]
        }
    }

    /// The same, 0 where there is none.
    package func load(_ name: String, epoch: String) async throws -> Int64 {
        try await find(name, epoch: epoch) ?? 0
    }

    /// Stores `number`, by itself. Within a transaction of the caller's, use `save(_:epoch:number:in:)`.
    package func save(_ name: String, epoch: String, number: Int64) async throws {
        try await database.transaction(locking: []) { transaction in
            try await save(name, epoch: epoch, number: number, in: transaction)
        }
    }

    /// Stores `number` together with what the transaction does, so that each event takes effect exactly once.
    package func save(
        _ name: String, epoch: String, number: Int64, in transaction: any Transaction
    ) async throws {
        try await transaction.execute(
            """
            INSERT INTO store_positions (name, epoch, number, updated_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO UPDATE SET
                epoch = excluded.epoch, number = excluded.number, updated_at = excluded.updated_at
            """,
            [.text(name), .text(epoch), .integer(number), .integer(time.milliseconds)])
    }
}
