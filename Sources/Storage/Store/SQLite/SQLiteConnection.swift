import Core

/// One connection on its own thread. Bodies of transactions run on that thread too, so that their statements cost no
/// change of thread; while one waits for something else, the thread is free but the transaction stays open.
///
/// Throws `StoreError`, what bodies throw, and `CancellationError`.
actor SQLiteConnection: TransactionConnection {
    private nonisolated let thread = DatabaseThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private let configuration: SQLiteConfiguration
    private let time: TimeSource
    private var state = State.closed
    /// The transaction or read under way; anything else that asks is too late.
    private var current: Progress?

    private enum State {
        /// Not opened yet, or for good.
        case closed
        case open(SQLiteHandle, readOnly: Bool)
        /// A transaction could not be rolled back: the file is opened again for the next one.
        case broken(readOnly: Bool)
    }

    private struct Progress {
        let scope: TransactionScope
        let isReading: Bool
        var failure: (any Error)?
        var appended = 0
    }

    init(_ configuration: SQLiteConfiguration, time: TimeSource) {
        self.configuration = configuration
        self.time = time
    }

    // Nothing refers to the actor any more, so nothing enqueues.
    deinit { thread.stop() }

    func open(readOnly: Bool) throws {
        let handle = try SQLiteHandle(path: configuration.path, statementLimit: configuration.statementLimit)
        let wait = max(0, configuration.busyTimeout.milliseconds)
        try handle.run("PRAGMA busy_timeout = \(wait)")
        // The mode is written into the file, and asking for it shows at once whether this is a database.
        let mode = try handle.run("PRAGMA journal_mode = WAL").first?.values.first
        guard mode == .text("wal") else {
            throw StoreError(.unavailable, "The database can't keep a write-ahead log; use a local file system.")
        }
        // FULL: a commit is on the disk when it returns. NORMAL could lose the last ones when the machine stops.
        try handle.run("PRAGMA synchronous = \(configuration.synchronous.rawValue)")
        try handle.run("PRAGMA foreign_keys = ON")
        try handle.run("PRAGMA journal_size_limit = 67108864")
        if readOnly { try handle.run("PRAGMA query_only = ON") }
        state = .open(handle, readOnly: readOnly)
    }

    func close() { state = .closed }

    // MARK: Transactions

    func read<R: Sendable>(
        in scope: TransactionScope, _ body: @Sendable (any Reading) async throws -> R
    ) async throws -> R {
        try begin(scope, isReading: true)
        do {
            let result = try await scope.run { try await body(ScopedTransaction(connection: self, scope: scope)) }
            _ = try commit(scope)
            return result
        } catch {
            rollBack(scope)
            throw error
        }
    }

    /// Returns the body's result and how many events it appended.
    func transaction<R: Sendable>(
        in scope: TransactionScope, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> (R, appended: Int) {
        try begin(scope, isReading: false)
        do {
            let result = try await scope.run { try await body(ScopedTransaction(connection: self, scope: scope)) }
            return (result, try commit(scope))
        } catch {
            rollBack(scope)
            throw error
        }
    }

    private func begin(_ scope: TransactionScope, isReading: Bool) throws {
        precondition(current == nil)
        if case .broken(let readOnly) = state { try open(readOnly: readOnly) }
        try opened.runUninterrupted(isReading ? "BEGIN" : "BEGIN IMMEDIATE")
        current = Progress(scope: scope, isReading: isReading)
    }

    /// Returns how many events were appended.
    private func commit(_ scope: TransactionScope) throws -> Int {
        scope.end()
        let progress = current
        if let failure = progress?.failure { throw failure }
        try Task.checkCancellation()
        try opened.runUninterrupted("COMMIT")
        current = nil
        return progress?.appended ?? 0
    }

    private func rollBack(_ scope: TransactionScope) {
        scope.end()
        current = nil
        // After some failures SQLite has rolled back already.
        guard case .open(let handle, let readOnly) = state, !handle.isInAutocommit else { return }
        do { try handle.runUninterrupted("ROLLBACK") } catch { state = .broken(readOnly: readOnly) }
    }

    private var opened: SQLiteHandle {
        get throws {
            guard case .open(let handle, _) = state else {
                throw StoreError(.unavailable, "The database has been closed.")
            }
            return handle
        }
    }

    // MARK: Statements

    func query(_ sql: String, _ values: [Value], in scope: TransactionScope) throws -> [Row] {
        try inside(scope) { try $0.run(sql, values) }
    }

    func execute(_ sql: String, _ values: [Value], in scope: TransactionScope) throws -> Int {
        try inside(scope) { try $0.change(sql, values) }
    }

    func append(_ draft: EventDraft, in scope: TransactionScope) throws -> Int64 {
        let now = time.milliseconds
        let number = try inside(scope) { handle in
            let counted = try handle.run(EventTables.nextNumber)
            guard let number = try counted.first?["last_number", as: Int64.self] else {
                throw StoreError(.corrupt, "The event log has lost its counter; restore the database from a backup.")
            }
            _ = try handle.change(
                EventTables.insert,
                [.integer(number), .text(draft.topic), .text(draft.kind), .text(draft.payload), .integer(now)])
            return number
        }
        current?.appended += 1
        return number
    }

    private func inside<R>(_ scope: TransactionScope, _ work: (SQLiteHandle) throws -> R) throws -> R {
        guard let progress = current, progress.scope === scope, scope.isOpen else {
            throw StoreError(.transactionEnded, "The transaction was used after its end.")
        }
        if let failure = progress.failure {
            throw StoreError(
                .transactionEnded, "A statement of this transaction has failed; it can only be rolled back.",
                cause: "\(failure)")
        }
        do {
            try Task.checkCancellation()
            return try work(opened)
        } catch {
            if !progress.isReading { current?.failure = error }
            throw error
        }
    }
}
