/// A consistent view of the database that can be queried. Throws as `Database` does.
package protocol Reading: Sendable {
    /// All rows of the statement's result. Ask with LIMIT where there may be many: they're all in memory.
    ///
    /// - Parameter values: for `$1`, `$2`, … in this order, exactly as many as the statement has.
    func query(_ sql: String, _ values: [Value]) async throws -> [Row]
}

extension Reading {
    package func query(_ sql: String) async throws -> [Row] { try await query(sql, []) }
}

/// An open transaction. It's valid only inside the body that it was handed to.
///
/// A statement that fails spoils the transaction, as it does in PostgreSQL: it can only be rolled back from then on. To
/// continue after a conflict, write `ON CONFLICT`. Throws as `Database` does.
package protocol Transaction: Reading {
    /// Runs a statement for its effect; returns how many rows it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: String, _ values: [Value]) async throws -> Int

    /// Appends an event to the outbox: it'll be delivered if, and only if, this transaction commits.
    ///
    /// Returns its number, which is final once the transaction has committed. Numbers follow the order of commits and
    /// have no gaps, so from here to its end the transaction may keep others that append waiting: append last.
    @discardableResult
    func append(_ draft: EventDraft) async throws -> Int64
}

extension Transaction {
    @discardableResult
    package func execute(_ sql: String) async throws -> Int { try await execute(sql, []) }
}
