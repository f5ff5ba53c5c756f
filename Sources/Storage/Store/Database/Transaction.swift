/// A consistent view of the database that can be queried. Throws as `Database` does.
package protocol Reading: Sendable {
    /// The rows of each statement's result, asked for together: on a server this costs one round trip. Ask with LIMIT where
    /// there may be many rows: they're all in memory.
    func query(_ statements: [Statement]) async throws -> [[Row]]
}

extension Reading {
    /// All rows of one statement's result.
    package func query(_ sql: String, _ values: [Value] = []) async throws -> [Row] {
        try await query([Statement(sql, values)])[0]
    }
}

/// An open transaction. It's valid only inside the body that it was handed to.
///
/// A statement that fails spoils the transaction, as it does in PostgreSQL: it can only be rolled back from then on. To
/// continue after a conflict, write `ON CONFLICT`. Throws as `Database` does.
package protocol Transaction: Reading {
    /// Runs a statement for its effect; returns how many rows it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: String, _ values: [Value]) async throws -> Int

    /// Runs a statement for its effect, together with the next one that is awaited or with the commit, so that it costs no
    /// round trip of its own. If it fails, so does what it is sent with.
    func enqueue(_ sql: String, _ values: [Value]) async throws

    /// Appends an event to the outbox: it'll be delivered if, and only if, this transaction commits.
    ///
    /// Events get their numbers after the commit, without gaps; one whose cause had been committed has a greater number
    /// than its cause.
    @discardableResult
    func append(_ draft: EventDraft) async throws -> AppendedEvent
}

extension Transaction {
    @discardableResult
    package func execute(_ sql: String) async throws -> Int { try await execute(sql, []) }
}
