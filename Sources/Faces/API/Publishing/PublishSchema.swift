package import Store

/// The tables of what other programs publish.
package enum PublishSchema {
    package static let migrations = MigrationSet(
        owner: "api",
        [
            Migration(
                1, "used signatures",
                [
                    "CREATE TABLE used_signatures (signature TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)",
                    "CREATE INDEX used_signatures_by_expiry ON used_signatures (expires_at)",
                ]),
            Migration(
                2, "publications by key",
                [
                    // The events by their tags, which they have before their numbers, in the log after `log_position`.
                    """
                    CREATE TABLE publications (
                        idempotency_key TEXT PRIMARY KEY,
                        fingerprint TEXT NOT NULL,
                        log_position BIGINT NOT NULL,
                        tags TEXT NOT NULL,
                        expires_at BIGINT NOT NULL)
                    """,
                    "CREATE INDEX publications_by_expiry ON publications (expires_at)",
                ]),
        ])
}
