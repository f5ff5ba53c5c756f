/// A connection that runs the statements of one transaction or read at a time.
protocol TransactionConnection: Sendable {
    /// Each throws `.transactionEnded` once `scope` is over.
    func query(_ statements: [Statement], in scope: TransactionScope) async throws -> [[Row]]
    func execute(_ statement: Statement, in scope: TransactionScope) async throws -> Int
    func enqueue(_ statement: Statement, in scope: TransactionScope) async throws
    func append(_ draft: EventDraft, in scope: TransactionScope) async throws -> AppendedEvent
}

/// What a body sees of its connection.
struct ScopedTransaction<Connection: TransactionConnection>: Transaction {
    let connection: Connection
    let scope: TransactionScope

    func query(_ statements: [Statement]) async throws -> [[Row]] {
        try await connection.query(statements, in: scope)
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        try await connection.execute(Statement(sql, values), in: scope)
    }

    func enqueue(_ sql: String, _ values: [Value]) async throws {
        try await connection.enqueue(Statement(sql, values), in: scope)
    }

    func append(_ draft: EventDraft) async throws -> AppendedEvent {
        try await connection.append(draft, in: scope)
    }
}
