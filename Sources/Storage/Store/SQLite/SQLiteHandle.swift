import CSQLite

/// One connection to a database file, with its prepared statements.
///
/// Confined to the thread of the actor that owns it. The statements are finalized before the connection is closed, once,
/// in deinit (https://www.sqlite.org/c3ref/close.html).
@safe final class SQLiteHandle {
    private let pointer: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    private let statementLimit: Int
    private var uses = 0
    /// Whether a statement that writes ends, too, when its task is cancelled. SQLite then undoes the whole transaction
    /// (https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction), whoever else is in it.
    var interruptsWrites = true

    /// - Parameter statementLimit: how many prepared statements are kept; the one unused for longest makes room.
    init(path: String, statementLimit: Int) throws {
        var opened: OpaquePointer?
        // No mutex in SQLite: one thread uses this connection.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let connection = unsafe opened else {
            let cause = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close_v2(opened)
            throw SQLiteFailure.error(code: code, cause: cause)
        }
        unsafe sqlite3_extended_result_codes(connection, 1)
        unsafe self.pointer = connection
        self.statementLimit = statementLimit
        watchCancellation()
    }

    deinit {
        statements.removeAll()
        unsafe sqlite3_close_v2(pointer)
    }

    /// Whether no transaction is open; SQLite ends one by itself after some failures.
    var isInAutocommit: Bool { unsafe sqlite3_get_autocommit(pointer) != 0 }

    /// A statement that runs for long ends when its task is cancelled.
    private func watchCancellation() {
        unsafe sqlite3_progress_handler(pointer, 20_000, { _ in Task.isCancelled ? 1 : 0 }, nil)
    }

    /// Begins or ends a transaction, even when the task is cancelled: SQLite counts a statement's steps over all its runs, and
    /// would now and then do this and say all the same that it was interrupted.
    func runUninterrupted(_ sql: String) throws {
        let statement = try statement(sql)
        _ = try uninterrupted { try statement.run([]) }
    }

    private func uninterrupted<R>(_ work: () throws -> R) rethrows -> R {
        unsafe sqlite3_progress_handler(pointer, 0, nil, nil)
        defer { watchCancellation() }
        return try work()
    }

    @discardableResult
    func run(_ sql: String, _ values: [Value] = []) throws -> [Row] {
        let statement = try statement(sql)
        if interruptsWrites || statement.isReadOnly { return try statement.run(values) }
        return try uninterrupted { try statement.run(values) }
    }

    /// How many rows the statement inserted, updated or deleted, without those that triggers and cascades changed.
    func change(_ sql: String, _ values: [Value]) throws -> Int {
        // sqlite3_changes keeps its old value when a statement changes nothing by nature (such as DDL).
        let before = unsafe sqlite3_total_changes64(pointer)
        try run(sql, values)
        return unsafe sqlite3_total_changes64(pointer) == before ? 0 : Int(sqlite3_changes64(pointer))
    }

    /// Whether rows refer to ones that don't exist (yet), by references that are only checked by COMMIT.
    var hasDanglingReferences: Bool {
        var (current, highest): (Int32, Int32) = (0, 0)
        unsafe sqlite3_db_status(pointer, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return current != 0
    }

    private func statement(_ sql: String) throws -> SQLiteStatement {
        uses += 1
        if let statement = statements[sql] {
            statement.lastUse = uses
            return statement
        }
        let statement = try unsafe SQLiteStatement(sql, on: pointer)
        statement.lastUse = uses
        if statements.count >= statementLimit,
            let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
        {
            statements.removeValue(forKey: oldest)
        }
        statements[sql] = statement
        return statement
    }
}
