package import Core

/// A relational database with an event log of its own, as little of it as domains need.
///
/// SQL is written so that SQLite and PostgreSQL both understand it: `$1, $2, …` as placeholders, BIGINT and TEXT columns,
/// times as BIGINT milliseconds, booleans as INTEGER 0 or 1, `INSERT … ON CONFLICT`, `RETURNING`.
///
/// The bodies run where the database runs them, possibly on its own thread: they should do what belongs to the
/// transaction, and nothing slow besides. Transactions begin in the order in which they were asked for.
package protocol Database: Sendable {
    /// Runs `body` in a transaction of its own and commits it; when `body` throws, or its task has been cancelled,
    /// nothing of it remains. A database that several processes share may have to run `body` again from the start: what it
    /// does besides must bear that. What was committed before this returns survives a crash of the process or the machine.
    ///
    /// - Throws: what `body` throws; `CancellationError`; `StoreError`, also when committing. A transaction or read
    ///   inside another one on the same database is refused with `.nestedTransaction`.
    @discardableResult
    func transaction<R: Sendable>(_ body: @Sendable (any Transaction) async throws -> R) async throws -> R

    /// Runs `body` on one consistent snapshot, beside other readers and the writer. It sees everything that was
    /// committed before it began.
    func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R

    /// Rung after each commit that appended events, whichever process made it, as soon as this one hears of it; also
    /// when some may have gone unheard.
    var eventsCommitted: Signal { get }

    /// Waits until this process leads in `name` and returns the proof of it. Of all processes that use the database one
    /// leads in a matter at a time; when it ends, in whatever way, another takes over within two seconds.
    ///
    /// A process that is cut off learns within seconds that it leads no more, so for a moment two may believe that they
    /// lead: what they do must bear that.
    /// - Throws: `CancellationError`; `.unavailable` once the database has been closed.
    func lead(_ name: String) async throws -> Lease

    /// A transaction that may take as long as it needs, for changes of the schema.
    func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R

    /// Waits for what runs, then lets go of files and connections. Everything asked of it afterwards throws
    /// `.unavailable`. Not from inside a transaction or read, which it would wait for.
    func close() async
}

extension Database {
    package func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(body)
    }
}

/// A consistent view of the database that can be asked.
package protocol Reading: Sendable {
    /// All rows of the statement's result. Ask with LIMIT where there may be many: they're all in memory.
    ///
    /// - Parameter values: for `$1`, `$2`, … in this order, exactly as many as the statement has.
    func query(_ sql: String, _ values: [Value]) async throws -> [Row]
}

extension Reading {
    package func query(_ sql: String) async throws -> [Row] { try await query(sql, []) }
}

/// An open transaction. It's valid only inside the body that it was handed to.
///
/// A statement that fails spoils the transaction, as it does in PostgreSQL: it can only be rolled back from then on. To
/// continue after a conflict, write `ON CONFLICT`.
package protocol Transaction: Reading {
    /// Runs a statement for its effect; returns how many rows it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: String, _ values: [Value]) async throws -> Int

    /// Appends an event to the outbox: it'll be delivered if, and only if, this transaction commits.
    ///
    /// Returns its number, which is final once the transaction has committed. Numbers follow the order of commits and
    /// have no gaps, so from here to its end the transaction may keep others that append waiting: append last.
    @discardableResult
    func append(_ draft: EventDraft) async throws -> Int64
}

extension Transaction {
    @discardableResult
    package func execute(_ sql: String) async throws -> Int { try await execute(sql, []) }
}
