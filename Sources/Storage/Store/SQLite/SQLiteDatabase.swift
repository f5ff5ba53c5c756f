package import Core
import Synchronization

/// A database in one file: a writer and a few readers, each on a thread of its own, in SQLite's write-ahead mode.
/// Throws as `Database` says.
package final class SQLiteDatabase: Database {
    package let eventsCommitted = Signal()

    private let writers: Pool<SQLiteConnection>
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
        let writer = SQLiteConnection(configuration, time: time)
        try await writer.open(readOnly: false)
        var readers: [SQLiteConnection] = []
        for _ in 0..<configuration.readers {
            let reader = SQLiteConnection(configuration, time: time)
            try await reader.open(readOnly: true)
            readers.append(reader)
        }
        return SQLiteDatabase(
            writer: writer, readers: readers, waitingLimit: configuration.waitingLimit, lock: lock)
    }

    private init(
        writer: SQLiteConnection, readers: [SQLiteConnection], waitingLimit: Int, lock: consuming FileLock?
    ) {
        writers = Pool([writer], waitingLimit: waitingLimit)
        self.readers = Pool(readers, waitingLimit: waitingLimit)
        readerCount = readers.count
        self.lock = Mutex(lock)
    }

    @discardableResult
    package func transaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        let scope = try TransactionScope(self)
        let writer = try await writers.take()
        defer { writers.give(writer) }
        let (result, appended) = try await writer.transaction(in: scope, body)
        if appended > 0 { eventsCommitted.ring() }
        return result
    }

    package func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        let scope = try TransactionScope(self)
        let reader = try await readers.take()
        defer { readers.give(reader) }
        return try await reader.read(in: scope, body)
    }

    /// The file belongs to this process, so each caller leads in its turn, one at a time under a name.
    package func lead(_ name: String) async throws -> Lease { try await leads.take(name) }

    package func close() async {
        leads.close()
        guard writers.close() else { return }
        _ = readers.close()
        for reader in await readers.drain(readerCount) { await reader.close() }
        // Last, so that it writes the log back into the database.
        for writer in await writers.drain(1) { await writer.close() }
        lock.withLock { $0 = nil }
    }
}
