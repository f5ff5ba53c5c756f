import Core

/// The statements that the database itself sends to the server.
enum Statements {
    static let beginReading = Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    /// Each statement sees what was committed before it: so what follows the locks sees all that their former holders did.
    static let begin = Statement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    /// What another program has changed since makes the server undo it.
    static let beginAlone = Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE")
    static let commit = Statement("COMMIT")
    static let rollBack = Statement("ROLLBACK")

    /// What transactions beside which no other runs exclude others by, and what events wait in until they are numbered.
    static let ownTables = [
        Statement("CREATE TABLE IF NOT EXISTS store_writer (id INTEGER PRIMARY KEY)"),
        // One insertion follows another only once that has drawn its place: so a place after that of a committed event is
        // greater than the event's.
        Statement(
            """
            CREATE TABLE IF NOT EXISTS store_outbox (
                place BIGSERIAL PRIMARY KEY,
                tag BIGINT NOT NULL,
                topic TEXT NOT NULL,
                kind TEXT NOT NULL,
                payload TEXT NOT NULL,
                time BIGINT NOT NULL)
            """),
    ]

    static let takeTime = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"].map {
        Statement("SET LOCAL \($0) = 0")
    }

    static let channel = "tandem_events"
    static let listen = Statement("LISTEN \(channel)")
    /// What an idle connection is used for now and then.
    static let nothing = Statement("SELECT 1")
    static let tryLead = "SELECT pg_try_advisory_lock($1) AS leads"
    /// Ends the connection of whoever leads, if it has been silent for that long: processes that work use theirs every second. A
    /// process may end the connections of its own user only.
    static func cutOffSilentLeader(_ key: Int64, after limit: Duration) -> Statement {
        Statement(
            """
            SELECT pg_terminate_backend(a.pid) AS ended FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.classid::bigint << 32) | l.objid::bigint = $1
                AND a.usename = current_user
                AND a.state_change < clock_timestamp() - $2 * interval '1 millisecond'
            """, [.integer(key), .integer(limit.milliseconds)])
    }
    static let stopLeading = "SELECT pg_advisory_unlock($1)"

    static func append(_ event: AppendedEvent, _ draft: EventDraft, at time: Int64) -> Statement {
        Statement(
            "INSERT INTO store_outbox (tag, topic, kind, payload, time) VALUES ($1, $2, $3, $4, $5)",
            [.integer(event.tag), .text(draft.topic), .text(draft.kind), .text(draft.payload), .integer(time)])
    }

    // MARK: Numbering

    /// What a connection that numbers is set up with. Everything that numbering looks for is found by an index, which the server can't
    /// know: the outbox is empty one moment and full the next, and the log grows quickly. The name is for those who look at
    /// `pg_stat_activity`.
    static let numberingSetup = Statement(
        """
        SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
            set_config('application_name', current_setting('application_name') || ' numbering', false)
        """)

    /// Whether anything waits for a number.
    static let isOutboxFilled = Statement("SELECT EXISTS (SELECT 1 FROM store_outbox) AS waits")

    /// How many events are numbered in one transaction.
    static let numberingBatch = 2000

    /// One transaction that numbers what the outbox holds, in its order, and notifies the other processes; its last statement but
    /// one returns tags and numbers, the last but two the number of the newest event before.
    ///
    /// Whoever holds the lock is alone with the counter. The statements after it see everything that was committed before it
    /// was granted. Without anything to number it writes nothing.
    static let numbering = [
        begin,
        Statement("SET LOCAL lock_timeout = 1000"),
        Statement("SELECT pg_advisory_xact_lock($1)", [.integer(FNV1a.hash("tandem numbering"))]),
        Statement(EventTables.lastNumber),
        Statement(
            """
            WITH moved AS (
                DELETE FROM store_outbox WHERE place IN (SELECT place FROM store_outbox ORDER BY place LIMIT $1)
                    AND EXISTS (SELECT 1 FROM store_event_counter WHERE id = 1)
                RETURNING place, tag, topic, kind, payload, time),
            counted AS (
                UPDATE store_event_counter SET last_number = last_number + (SELECT COUNT(*) FROM moved)
                WHERE id = 1 AND EXISTS (SELECT 1 FROM moved)
                RETURNING last_number - (SELECT COUNT(*) FROM moved) AS before, pg_notify('\(channel)', '')),
            numbered AS (
                INSERT INTO store_events (number, tag, topic, kind, payload, time)
                SELECT before + ROW_NUMBER() OVER (ORDER BY place), tag, topic, kind, payload, time FROM moved, counted
                RETURNING number, tag)
            SELECT number, tag FROM numbered
            """, [.integer(Int64(numberingBatch))]),
        commit,
    ]

    static let clearOutbox = Statement("VACUUM (SKIP_LOCKED, TRUNCATE FALSE) store_outbox")

    /// The number of an event that another process has numbered, just now.
    static func number(of tag: Int64) -> Statement {
        Statement(
            """
            SELECT number FROM store_events
            WHERE tag = $1 AND number > (SELECT last_number - 100000 FROM store_event_counter WHERE id = 1)
            ORDER BY number DESC LIMIT 1
            """, [.integer(tag)])
    }

    // MARK: Transactions

    /// What begins a transaction or read, before its first statement.
    static func prologue(_ kind: PostgresConnection.Kind) -> [Statement] {
        switch kind {
        case .reading: [beginReading]
        case .asking: []
        case .writing(let locks?): [begin, besideOthers] + taking(locks.inOrder)
        case .writing(nil): [beginAlone, alone]
        case .unhurried: [beginAlone] + takeTime + [alone]
        }
    }

    /// Waits for all others that write, and has them wait. LOCK TABLE takes no snapshot, so the transaction sees all that its
    /// predecessors did, and readers are not in its way.
    private static let alone = Statement("LOCK TABLE store_writer IN EXCLUSIVE MODE")
    private static let besideOthers = Statement("LOCK TABLE store_writer IN ROW EXCLUSIVE MODE")

    /// Several locks a statement, which takes them in the order of its columns; not so many that there would be very many
    /// different statements.
    private static func taking(_ locks: [Lock]) -> [Statement] {
        stride(from: 0, to: locks.count, by: 4).map { start in
            let some = locks[start..<min(start + 4, locks.count)]
            let calls = some.enumerated().map { index, lock in
                "pg_advisory_xact_lock\(lock.isShared ? "_shared" : "")($\(index + 1))"
            }
            return Statement("SELECT \(calls.joined(separator: ", "))", some.map { .integer($0.key) })
        }
    }
}
