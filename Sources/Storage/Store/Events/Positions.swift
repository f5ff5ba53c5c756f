package import Core

/// How far each named reader of an event log has come, kept in the database. Throws `StoreError`.
package struct Positions: Sendable {
    private let database: any Database
    private let time: TimeSource

    package init(_ database: any Database, time: TimeSource = .system) {
        self.database = database
        self.time = time
    }

    /// Where a reader begins.
    package enum Start: Sendable, Hashable {
        /// It has dealt with nothing yet.
        case new
        /// It has dealt with everything up to this number.
        case after(Int64)
        /// It has come somewhere in another log, or in this one before it was set back.
        case otherLog
    }

    package func start(of name: String, epoch: String) async throws -> Start {
        let rows = try await database.query(
            Statement("SELECT epoch, number FROM store_positions WHERE name = $1", [.text(name)]))
        guard let row = rows.first else { return .new }
        return try row["epoch", as: String.self] == epoch ? .after(row["number"]) : .otherLog
    }

    /// The number of the last event that `name` has dealt with; nil when it has none yet, or only one in another log.
    package func find(_ name: String, epoch: String) async throws -> Int64? {
        if case .after(let number) = try await start(of: name, epoch: epoch) { number } else { nil }
    }

    /// Stores `number`, by itself. Within a transaction of the caller's, use `save(_:epoch:number:in:)`.
    package func save(_ name: String, epoch: String, number: Int64) async throws {
        try await database.transaction(locking: []) { transaction in
            try await save(name, epoch: epoch, number: number, in: transaction)
        }
    }

    /// Stores `number` together with what the transaction does, so that each event takes effect exactly once. In the same log a
    /// position only advances: whoever led before may still save its own.
    package func save(
        _ name: String, epoch: String, number: Int64, in transaction: any Transaction
    ) async throws {
        try await transaction.execute(
            """
            INSERT INTO store_positions (name, epoch, number, updated_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO UPDATE SET
                epoch = excluded.epoch, number = excluded.number, updated_at = excluded.updated_at
            WHERE store_positions.epoch <> excluded.epoch OR store_positions.number < excluded.number
            """,
            [.text(name), .text(epoch), .integer(number), .integer(time.milliseconds)])
    }
}
