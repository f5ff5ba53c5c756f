package import Core

/// A relational database with an event log of its own, as little of it as domains need.
///
/// SQL is written so that SQLite and PostgreSQL both understand it: `$1, $2, …` as placeholders, BIGINT and TEXT columns,
/// times as BIGINT milliseconds, booleans as INTEGER 0 or 1, `INSERT … ON CONFLICT`, `RETURNING`.
///
/// The bodies run where the database runs them, possibly on its own thread: they should do what belongs to the
/// transaction, and nothing slow besides. Transactions that
/// exclude each other begin in the order in which they were requested.
///
/// Throws `StoreError`, what bodies throw, and `CancellationError`.
package protocol Database: Sendable {
    /// Runs `body` in a transaction of its own and commits it; when `body` throws, or its task has been cancelled,
    /// nothing of it remains. A database that several processes share may have to run `body` again from the start: what
    /// else it does must tolerate that. What was committed before this returns survives a crash of the process or the machine.
    ///
    /// - Parameter locks: held before `body` begins, until the end. Transactions whose locks don't exclude each other may run at
    ///   the same time: `body` may rely on what it has read staying true only as far as it holds the locks that others
    ///   take to change it. `nil`: no other transaction runs meanwhile.
    /// - Throws: what `body` throws; `CancellationError`; `StoreError`, also when committing. A transaction or read
    ///   inside another one on the same database is refused with `.nestedTransaction`.
    @discardableResult
    func transaction<R: Sendable>(
        locking locks: [Lock]?, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R

    /// Runs `body` on one consistent snapshot, beside other readers and the writer. It sees everything that was
    /// committed before it began.
    func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R

    /// The rows of one statement that changes nothing, as a read of its own: the cheapest there is.
    func query(_ statement: Statement) async throws -> [Row]

    /// Rung after committed events have been numbered, whichever process made them, as soon as this process is notified; also
    /// when notifications may have been missed.
    var eventsCommitted: Signal { get }

    /// Numbers every event that had been committed before the call, and returns the number of the newest event. A reader
    /// that has read the log up to there knows everything that was committed before the call.
    func settle() async throws -> Int64

    /// Waits until this process leads under `name` and returns the proof of it. Of all processes that use the database one
    /// leads under a name at a time; when it ends, in whatever way, another takes over within two seconds.
    ///
    /// A process that is cut off learns within seconds that it no longer leads, so for a moment two may believe that they
    /// lead: what they do must tolerate that.
    /// - Throws: `CancellationError`; `.unavailable` once the database has been closed.
    func lead(_ name: String) async throws -> Lease

    /// The time of day by the server's clock, in milliseconds since 1970; `nil` where there is no server, and so only one clock.
    /// What all processes share is dated and deleted by it, since their own clocks may differ.
    func serverTime() async throws -> Int64?

    /// A transaction that may take as long as it needs, for changes of the schema.
    func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R

    /// Waits for what runs, then closes files and connections. Everything requested afterwards throws `.unavailable`. Must not
    /// be called inside a transaction or read, which it would wait for.
    func close() async
}

extension Database {
    package func serverTime() async throws -> Int64? { nil }

    package func query(_ statement: Statement) async throws -> [Row] {
        try await read { try await $0.query([statement]) }[0]
    }

    /// Runs `body` in a transaction beside which no other runs.
    ///
    /// - Throws: as `transaction(locking:_:)` does.
    @discardableResult
    package func transaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(locking: nil, body)
    }

    package func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(body)
    }
}
