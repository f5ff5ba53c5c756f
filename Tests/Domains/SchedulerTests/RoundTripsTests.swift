import Core
import Scheduler
import Store
import Synchronization
import Testing
import TestSupport

/// How often a change waits for the database.
struct RoundTripsTests {
    @Test func `signing up asks once and writes once`() async throws {
        let folder = try TemporaryFolder()
        let database = CountingDatabase(
            base: try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db"))))
        let tavern = try await Tavern(crowd: 3, on: database)
        let game = try await tavern.create(seats: 2)
        let command = try #require(Command(key: "k", fingerprint: "join"))
        for index in 0..<3 {
            let before = database.counts
            _ = try await tavern.games.join(game.id, by: Tavern.person(index), command: index == 0 ? command : nil)
            // Without anything remembered, the membership is read before.
            #expect(database.counts - before == Counts(reads: 1, waits: 1))
        }
        for index in 0..<3 {
            let before = database.counts
            try await tavern.games.leave(game.id, by: Tavern.person(index))
            #expect(database.counts - before == Counts(reads: 1, waits: 1))
        }
    }
}

private struct Counts: Equatable {
    /// Reads that were begun.
    var reads = 0
    /// How often transactions have waited for answers before they were committed.
    var waits = 0

    static func - (after: Counts, before: Counts) -> Counts {
        Counts(reads: after.reads - before.reads, waits: after.waits - before.waits)
    }
}

/// A database that counts how often it's waited for.
private final class CountingDatabase: Database {
    private let base: any Database
    private let state = Mutex(Counts())

    init(base: any Database) { self.base = base }

    var counts: Counts { state.withLock { $0 } }

    func transaction<R: Sendable>(
        locking locks: [Lock]?, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await base.transaction(locking: locks) { transaction in
            try await body(CountingTransaction(base: transaction) { self.state.withLock { $0.waits += 1 } })
        }
    }

    func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        state.withLock { $0.reads += 1 }
        return try await base.read(body)
    }

    func unhurriedTransaction<R: Sendable>(_ body: @Sendable (any Transaction) async throws -> R) async throws -> R {
        try await base.unhurriedTransaction(body)
    }

    var eventsCommitted: Signal { base.eventsCommitted }
    func settle() async throws -> Int64 { try await base.settle() }
    func lead(_ name: String) async throws -> Lease { try await base.lead(name) }
    func close() async { await base.close() }
}

private struct CountingTransaction: Transaction {
    let base: any Transaction
    let waits: @Sendable () -> Void

    func query(_ statements: [Statement]) async throws -> [[Row]] {
        waits()
        return try await base.query(statements)
    }

    func execute(_ sql: String, _ values: [Value]) async throws -> Int {
        waits()
        return try await base.execute(sql, values)
    }

    func enqueue(_ sql: String, _ values: [Value]) async throws { try await base.enqueue(sql, values) }
    func append(_ draft: EventDraft) async throws -> AppendedEvent { try await base.append(draft) }
}
