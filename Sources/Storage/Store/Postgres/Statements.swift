/// The statements that the database itself sends to the server.
enum Statements {
    static let beginReading = PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    static let begin = PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE")
    static let commit = PostgresStatement("COMMIT")
    static let rollBack = PostgresStatement("ROLLBACK")

    /// A transaction that writes waits here for the one before. LOCK TABLE takes no snapshot, so the transaction sees all that its
    /// predecessors did, and readers are not in its way.
    static let lock = PostgresStatement("LOCK TABLE store_writer IN EXCLUSIVE MODE")
    static let createLock = PostgresStatement("CREATE TABLE IF NOT EXISTS store_writer (id INTEGER PRIMARY KEY)")

    static let takeTime = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"].map {
        PostgresStatement("SET LOCAL \($0) = 0")
    }

    static let channel = "tandem_events"
    static let notify = PostgresStatement("SELECT pg_notify('\(channel)', '')")
    static let listen = PostgresStatement("LISTEN \(channel)")
    static let ping = PostgresStatement("SELECT 1")
    static let tryLead = "SELECT pg_try_advisory_lock($1) AS leads"
    static let stopLeading = "SELECT pg_advisory_unlock($1)"

    /// Counts and inserts in one go. The row of the counter stays locked until the transaction ends, so numbers follow the
    /// order of commits, and a rollback takes its number back.
    static let append = """
        WITH counted AS (
            UPDATE store_event_counter SET last_number = last_number + 1 WHERE id = 1 RETURNING last_number)
        INSERT INTO store_events (number, topic, kind, payload, time)
        SELECT last_number, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT) FROM counted
        RETURNING number
        """

    /// What begins a transaction or read, before its first statement.
    static func prologue(_ kind: PostgresConnection.Kind) -> [PostgresStatement] {
        switch kind {
        case .reading: [beginReading]
        case .writing: [begin, lock]
        case .unhurried: [begin] + takeTime + [lock]
        }
    }
}
