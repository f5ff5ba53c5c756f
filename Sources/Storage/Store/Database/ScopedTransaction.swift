/// A connection that runs the statements of one transaction or read at a time.
protocol TransactionConnection: Sendable {
    /// Each throws `.transactionEnded` once `scope` is over.
    func query(_ sql: String, _ values: [Value], in scope: TransactionScope) async throws -> [Row]
    func execute(_ sql: String, _ values: [Value], in scope: TransactionScope) async throws -> Int
    func append(_ draft: EventDraft, in scope: TransactionScope) async throws -> Int64
}

/// What a body sees of its connection.
struct ScopedTransaction<Connection: TransactionConnection>: Transaction {
    let connection: Connection
    let scope: TransactionScope

    func query(_ sql: String, _ values: [Value]) async throws -> [Row] {
        try await connection.query(sql, values, in: scope)
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        try await connection.execute(sql, values, in: scope)
    }

    func append(_ draft: EventDraft) async throws -> Int64 {
        try await connection.append(draft, in: scope)
    }
}
