package import Core
import Synchronization

/// A database whose commits in this process are told to a `ReadMemory` before they return: whoever changes something reads
/// its own change afterwards. Everything else is the database's. Throws what the database throws.
package struct WitnessedDatabase: Database {
    private let base: any Database
    private let memory: ReadMemory

    package init(_ base: any Database, memory: ReadMemory) {
        self.base = base
        self.memory = memory
    }

    @discardableResult
    package func transaction<R: Sendable>(
        locking locks: [Lock]?, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        let drafts = Drafts()
        do {
            let result = try await base.transaction(locking: locks) { transaction in
                drafts.removeAll()
                return try await body(WitnessedTransaction(base: transaction, drafts: drafts))
            }
            memory.committed(drafts.all)
            return result
        } catch {
            // It may have been committed all the same.
            memory.committed(drafts.all)
            throw error
        }
    }

    package func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        try await base.read(body)
    }

    package func query(_ statement: Statement) async throws -> [Row] { try await base.query(statement) }

    package var eventsCommitted: Signal { base.eventsCommitted }

    package func settle() async throws -> Int64 { try await base.settle() }

    package func serverTime() async throws -> Int64? { try await base.serverTime() }

    package func lead(_ name: String) async throws -> Lease { try await base.lead(name) }

    package func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await base.unhurriedTransaction(body)
    }

    package func close() async { await base.close() }
}

/// What a transaction appends; it may run several times.
private final class Drafts: Sendable {
    private let list = Mutex<[EventDraft]>([])

    var all: [EventDraft] { list.withLock { $0 } }
    func append(_ draft: EventDraft) { list.withLock { $0.append(draft) } }
    func removeAll() { list.withLock { $0.removeAll() } }
}

private struct WitnessedTransaction: Transaction {
    let base: any Transaction
    let drafts: Drafts

    func query(_ statements: [Statement]) async throws -> [[Row]] { try await base.query(statements) }
    func execute(_ sql: String, _ values: [Value]) async throws -> Int { try await base.execute(sql, values) }
    func enqueue(_ sql: String, _ values: [Value]) async throws { try await base.enqueue(sql, values) }

    func append(_ draft: EventDraft) async throws -> AppendedEvent {
        drafts.append(draft)
        return try await base.append(draft)
    }
}
