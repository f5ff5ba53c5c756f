import Core
import Store
import Synchronization

/// A database that remembers how much it is asked for at a time.
final class WatchedDatabase: Database {
    /// What was asked for.
    struct Use {
        /// The most rows that one transaction has changed by a statement, and one read has returned.
        var changed = 0
        var returned = 0
        /// The statements of reads and transactions.
        var statements: [Statement] = []
    }

    let base: any Database
    private let state = Mutex(Use())

    init(_ base: any Database) { self.base = base }

    /// What was asked for since the last call.
    func use() -> Use {
        state.withLock { use in
            defer { use = Use() }
            return use
        }
    }

    fileprivate func asked(_ statements: [Statement], _ rows: [[Row]]) {
        state.withLock { use in
            use.statements += statements
            use.returned = max(use.returned, rows.map(\.count).max() ?? 0)
        }
    }

    fileprivate func changed(_ statement: Statement, _ rows: Int) {
        state.withLock { use in
            use.statements.append(statement)
            use.changed = max(use.changed, rows)
        }
    }

    func transaction<R: Sendable>(
        locking locks: [Lock]?, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await base.transaction(locking: locks) {
            try await body(WatchedTransaction(base: $0, database: self))
        }
    }

    func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        try await base.read { try await body(WatchedReading(base: $0, database: self)) }
    }

    var eventsCommitted: Signal { base.eventsCommitted }
    func settle() async throws -> Int64 { try await base.settle() }
    func lead(_ name: String) async throws -> Lease { try await base.lead(name) }
    func close() async { await base.close() }
}

private struct WatchedReading: Reading {
    let base: any Reading
    let database: WatchedDatabase

    func query(_ statements: [Statement]) async throws -> [[Row]] {
        let rows = try await base.query(statements)
        database.asked(statements, rows)
        return rows
    }
}

private struct WatchedTransaction: Transaction {
    let base: any Transaction
    let database: WatchedDatabase

    func query(_ statements: [Statement]) async throws -> [[Row]] {
        let rows = try await base.query(statements)
        database.asked(statements, rows)
        return rows
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        let count = try await base.execute(sql, values)
        database.changed(Statement(sql, values), count)
        return count
    }

    /// Run at once, so that its rows can be counted.
    func enqueue(_ sql: String, _ values: [Value]) async throws { _ = try await execute(sql, values) }
    func append(_ draft: EventDraft) async throws -> AppendedEvent { try await base.append(draft) }
}
