import Core

/// One connection on its own thread. Bodies of transactions run on that thread too, so that their statements cost no
/// change of thread; while one waits for something else, the thread is free but the transaction stays open.
///
/// The connection that writes commits for many at once: see `SQLiteConnection+GroupCommit.swift`.
///
/// Throws `StoreError`, what bodies throw, and `CancellationError`.
actor SQLiteConnection: TransactionConnection {
    private nonisolated let thread = DatabaseThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    let configuration: SQLiteConfiguration
    let time: TimeSource
    /// Rung after each commit that appended events.
    let eventsCommitted: Signal
    /// Lent to the body that runs, to one after the other in the order of their requests.
    let turns = Pool([()], waitingLimit: .max)
    /// The body under way; anything else that asks is too late.
    var current: Progress?
    /// The transaction in which the bodies run.
    var batch: CommitBatch?
    var state = State.closed

    enum State {
        /// Not opened yet, or for good.
        case closed
        case open(SQLiteHandle, readOnly: Bool)
        /// A transaction could not be rolled back: the file is opened again for the next one.
        case broken(readOnly: Bool)
    }

    /// How far a body has come.
    struct Progress {
        let scope: TransactionScope
        let isReading: Bool
        /// What it has done, as long as others before it might not wait until it ends; nil when nobody is before it.
        var statements: [(sql: String, values: [Value])]?
        var failure: (any Error)?
        var appended = 0
    }

    init(_ configuration: SQLiteConfiguration, time: TimeSource, eventsCommitted: Signal = Signal()) {
        self.configuration = configuration
        self.time = time
        self.eventsCommitted = eventsCommitted
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
        if !readOnly { thread.whenIdle { [weak self] in self?.assumeIsolated { $0.becameIdle() } } }
    }

    func close() { state = .closed }

    // MARK: Reads

    /// One at a time: the caller has this connection for itself.
    func read<R: Sendable>(
        in scope: TransactionScope, _ body: @Sendable (any Reading) async throws -> R
    ) async throws -> R {
        precondition(current == nil)
        try begin("BEGIN")
        current = Progress(scope: scope, isReading: true)
        defer {
            scope.end()
            current = nil
            rollBack()
        }
        let result = try await scope.run { try await body(ScopedTransaction(connection: self, scope: scope)) }
        try Task.checkCancellation()
        return result
    }

    // MARK: Beginning and ending

    func begin(_ sql: String) throws {
        if case .broken(let readOnly) = state { try open(readOnly: readOnly) }
        try opened.runUninterrupted(sql)
    }

    /// Ends the transaction, if SQLite hasn't done so by itself, as it does after some failures.
    func rollBack() {
        guard case .open(let handle, let readOnly) = state, !handle.isInAutocommit else { return }
        do { try handle.runUninterrupted("ROLLBACK") } catch { state = .broken(readOnly: readOnly) }
    }

    var opened: SQLiteHandle {
        get throws {
            guard case .open(let handle, _) = state else {
                throw StoreError(.unavailable, "The database has been closed.")
            }
            return handle
        }
    }

    // MARK: Statements

    func query(_ statements: [Statement], in scope: TransactionScope) throws -> [[Row]] {
        try inside(scope) { handle in try statements.map { try run($0.sql, $0.values, by: handle.run) } }
    }

    func execute(_ statement: Statement, in scope: TransactionScope) throws -> Int {
        try inside(scope) { try run(statement.sql, statement.values, by: $0.change) }
    }

    func enqueue(_ statement: Statement, in scope: TransactionScope) throws { _ = try execute(statement, in: scope) }

    func append(_ draft: EventDraft, in scope: TransactionScope) throws -> AppendedEvent {
        let now = time.milliseconds
        let event = try inside(scope) { handle in
            let counted = try run(EventTables.nextNumber, [], by: handle.run)
            guard let number = try counted.first?["last_number", as: Int64.self] else {
                throw StoreError.counterLost
            }
            let event = AppendedEvent(number: number)
            _ = try run(
                EventTables.insert,
                [
                    .integer(number), .integer(event.tag), .text(draft.topic), .text(draft.kind), .text(draft.payload),
                    .integer(now),
                ],
                by: handle.change)
            return event
        }
        current?.appended += 1
        return event
    }

    /// Runs a statement, and notes it where it may have to be repeated.
    private func run<R>(_ sql: String, _ values: [Value], by work: (String, [Value]) throws -> R) rethrows -> R {
        let result = try work(sql, values)
        current?.statements?.append((sql, values))
        return result
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
            if !progress.isReading { failed(error) }
            throw error
        }
    }
}
