package import Core
import Synchronization

/// A database in one file: a writer and a few readers, each on a thread of its own, in SQLite's write-ahead mode.
/// Throws as `Database` says.
package final class SQLiteDatabase: Database {
    package let eventsCommitted: Signal

    private let writer: SQLiteConnection
    /// Lent to each transaction that runs or waits, so that there are not too many.
    private let admissions: Pool<Void>
    private let admissionCount: Int
    private let readers: Pool<SQLiteConnection>
    private let readerCount: Int
    private let leads = LocalLeads()
    private let lock: Mutex<FileLock?>

    /// Opens the file, or creates it. Call `migrate` next.
    ///
    /// - Throws: `StoreError`: `.busy` when another process has it, `.unavailable` when it can't be opened, `.corrupt`
    ///   when it isn't a database.
    package static func open(
        _ configuration: SQLiteConfiguration, time: TimeSource = .system
    ) async throws -> SQLiteDatabase {
        precondition(configuration.readers >= 1 && configuration.waitingLimit >= 1)
        let lock = configuration.isExclusive ? try FileLock(path: configuration.path + ".lock") : nil
        let eventsCommitted = Signal()
        let writer = SQLiteConnection(configuration, time: time, eventsCommitted: eventsCommitted)
        try await writer.open(readOnly: false)
        var readers: [SQLiteConnection] = []
        for _ in 0..<configuration.readers {
            let reader = SQLiteConnection(configuration, time: time)
            try await reader.open(readOnly: true)
            readers.append(reader)
        }
        return SQLiteDatabase(
            writer: writer, readers: readers, waitingLimit: configuration.waitingLimit, lock: lock,
            eventsCommitted: eventsCommitted)
    }

    private init(
        writer: SQLiteConnection, readers: [SQLiteConnection], waitingLimit: Int, lock: consuming FileLock?,
        eventsCommitted: Signal
    ) {
        self.eventsCommitted = eventsCommitted
        self.writer = writer
        // One runs, the others wait.
        admissionCount = waitingLimit + 1
        admissions = Pool(Array(repeating: (), count: admissionCount), waitingLimit: 0)
        self.readers = Pool(readers, waitingLimit: waitingLimit)
        readerCount = readers.count
        self.lock = Mutex(lock)
    }

    /// Transactions follow one another, whatever their locks: there is one writer.
    @discardableResult
    package func transaction<R: Sendable>(
        locking _: [Lock]?, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(alone: false, body)
    }

    package func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(alone: true, body)
    }

    private func transaction<R: Sendable>(
        alone: Bool, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        let scope = try TransactionScope(self)
        try await admissions.take()
        defer { admissions.give(()) }
        let (outcome, commit) = try await writer.run(in: scope, alone: alone, body)
        try await commit?.wait()
        return try outcome.get()
    }

    package func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        let scope = try TransactionScope(self)
        let reader = try await readers.take()
        defer { readers.give(reader) }
        return try await reader.read(in: scope, body)
    }

    /// Events have their numbers when they are committed.
    package func settle() async throws -> Int64 {
        try await read { try await $0.query(EventTables.lastNumber).first?["last_number"] ?? 0 }
    }

    /// The file belongs to this process, so each caller leads in its turn, one at a time under a name.
    package func lead(_ name: String) async throws -> Lease { try await leads.take(name) }

    package func close() async {
        leads.close()
        guard admissions.close() else { return }
        _ = readers.close()
        for reader in await readers.drain(readerCount) { await reader.close() }
        // Last, so that it writes the log back into the database.
        _ = await admissions.drain(admissionCount)
        await writer.close()
        lock.withLock { $0 = nil }
    }
}
