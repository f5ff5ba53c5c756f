/// The store's own tables: the event log, whose tail beyond the relay's position is the outbox, the positions of its
/// readers and what they gave up, and what must be known about the database itself.
enum EventTables {
    static let migrations = MigrationSet(
        owner: "store",
        [
            Migration(
                1, "events",
                [
                    "CREATE TABLE store_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
                    """
                    CREATE TABLE store_event_counter (
                        id INTEGER PRIMARY KEY CHECK (id = 1),
                        last_number BIGINT NOT NULL)
                    """,
                    "INSERT INTO store_event_counter (id, last_number) VALUES (1, 0)",
                    // Declared INTEGER PRIMARY KEY, it'd be SQLite's row id, but only 32 bits wide in PostgreSQL.
                    """
                    CREATE TABLE store_events (
                        number BIGINT PRIMARY KEY,
                        topic TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        payload TEXT NOT NULL,
                        time BIGINT NOT NULL)
                    """,
                    """
                    CREATE TABLE store_positions (
                        name TEXT PRIMARY KEY,
                        epoch TEXT NOT NULL,
                        number BIGINT NOT NULL,
                        updated_at BIGINT NOT NULL)
                    """,
                ]),
            Migration(
                2, "dead letters",
                [
                    // With the whole event: the log forgets it in time.
                    """
                    CREATE TABLE store_dead_letters (
                        consumer TEXT NOT NULL,
                        epoch TEXT NOT NULL,
                        number BIGINT NOT NULL,
                        topic TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        payload TEXT NOT NULL,
                        time BIGINT NOT NULL,
                        error TEXT NOT NULL,
                        attempts BIGINT NOT NULL,
                        failed_at BIGINT NOT NULL,
                        again INTEGER NOT NULL DEFAULT 0,
                        PRIMARY KEY (consumer, epoch, number))
                    """
                ]),
            // Drawn at random when the event is appended. Events from before have none.
            Migration(3, "tags of events", ["ALTER TABLE store_events ADD COLUMN tag BIGINT"]),
        ])

    /// Counts in the transaction itself: the row stays locked until it ends, so numbers follow the order of commits there, and
    /// a rollback takes its number back.
    static let nextNumber =
        "UPDATE store_event_counter SET last_number = last_number + 1 WHERE id = 1 RETURNING last_number"

    static let insert =
        "INSERT INTO store_events (number, tag, topic, kind, payload, time) VALUES ($1, $2, $3, $4, $5, $6)"

    static let lastNumber = "SELECT last_number FROM store_event_counter WHERE id = 1"

    static let oldestNumber = "SELECT MIN(number) AS number FROM store_events"

    /// Compares the beginning for equality: an order depends on the database's collation.
    static let latest = """
        SELECT topic, MAX(number) AS number FROM store_events
        WHERE number > $1 AND number <= $2 AND substr(topic, 1, length(CAST($3 AS TEXT))) = $3 GROUP BY topic
        """

    static func number(of tag: Int64, after first: Int64, through last: Int64) -> Statement {
        Statement(
            "SELECT number FROM store_events WHERE number > $1 AND number <= $2 AND tag = $3 ORDER BY number LIMIT 1",
            [.integer(first), .integer(last), .integer(tag)])
    }

    /// Beginning with the event at `$1` itself, if there still is one.
    static let from =
        "SELECT number, topic, kind, payload, time, tag FROM store_events WHERE number >= $1 ORDER BY number LIMIT $2"

    /// The log's identity and its end, and the events that are now at the two places.
    static func end(comparing first: Int64, _ second: Int64) -> Statement {
        Statement(
            """
            SELECT last_number, (SELECT value FROM store_meta WHERE name = 'epoch') AS epoch,
                (SELECT tag FROM store_events WHERE number = last_number) AS last_tag,
                (SELECT tag FROM store_events WHERE number = $1) AS first_tag,
                (SELECT tag FROM store_events WHERE number = $2) AS second_tag
            FROM store_event_counter WHERE id = 1
            """, [.integer(first), .integer(second)])
    }
}
