package import Core

extension Database {
    /// Brings the schema up to date: first the store's own tables, then each set's in the order given. Every migration
    /// runs in a transaction of its own; what has been applied is never applied again. Of several processes that start at
    /// once, one does it and the others wait.
    ///
    /// - Returns: how many migrations were applied.
    /// - Throws: `StoreError`: `.newerSchema` when the database knows migrations that the program doesn't,
    ///   `.migrationMismatch` when an applied one was edited afterwards, or what a statement failed with.
    @discardableResult
    package func migrate(_ sets: [MigrationSet], time: TimeSource = .system) async throws -> Int {
        precondition(Set(sets.map(\.owner) + ["store"]).count == sets.count + 1, "two migration sets of one owner")
        let lease = try await lead("migrations")
        defer { lease.release() }
        try await transaction { transaction in
            try await transaction.execute(
                """
                CREATE TABLE IF NOT EXISTS store_migrations (
                    owner TEXT NOT NULL,
                    number INTEGER NOT NULL,
                    name TEXT NOT NULL,
                    checksum TEXT NOT NULL,
                    applied_at BIGINT NOT NULL,
                    PRIMARY KEY (owner, number))
                """)
        }
        let sets = [EventTables.migrations] + sets
        // All are checked before the first is applied: a database that's refused stays as it was.
        for set in sets { try await check(set) }
        var applied = 0
        for set in sets {
            for migration in set.migrations where try await apply(migration, of: set.owner, at: time.milliseconds) {
                applied += 1
            }
        }
        try await transaction { transaction in
            try await transaction.execute(
                "INSERT INTO store_meta (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO NOTHING",
                [.text(Cursor.newEpoch())])
        }
        return applied
    }

    /// How many migrations `migrate` would apply.
    ///
    /// - Throws: `StoreError`, as `migrate` does.
    package func pendingMigrations(_ sets: [MigrationSet]) async throws -> Int {
        var pending = 0
        for set in [EventTables.migrations] + sets {
            do {
                pending += set.migrations.count - (try await check(set))
            } catch let error as StoreError where error.kind == .invalidStatement {
                // A database that has never been migrated has no table to ask.
                pending += set.migrations.count
            }
        }
        return pending
    }

    /// Returns how many of the set have been applied.
    @discardableResult
    private func check(_ set: MigrationSet) async throws -> Int {
        let rows = try await read { reader in
            try await reader.query(
                "SELECT number, name, checksum FROM store_migrations WHERE owner = $1 ORDER BY number",
                [.text(set.owner)])
        }
        for row in rows {
            let number = try row["number", as: Int.self]
            guard let known = set.migrations.first(where: { $0.number == number }) else {
                throw StoreError(
                    .newerSchema,
                    """
                    The database was written by a newer version (\(set.owner) is at migration \(number), this version \
                    knows \(set.migrations.count)); start that version, or restore an older backup.
                    """)
            }
            guard try row["checksum", as: String.self] == known.checksum else {
                throw StoreError(
                    .migrationMismatch,
                    """
                    Migration \(number) of \(set.owner) ("\(known.name)") is not the one that was applied to this \
                    database; undo the edit and add a new migration instead.
                    """)
            }
        }
        return rows.count
    }

    /// False when it had been applied already.
    private func apply(_ migration: Migration, of owner: String, at time: Int64) async throws -> Bool {
        try await unhurriedTransaction { transaction in
            // First, so that two processes that start together apply it once, should both believe that they lead.
            let claimed = try await transaction.execute(
                """
                INSERT INTO store_migrations (owner, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (owner, number) DO NOTHING
                """,
                [
                    .text(owner), .integer(Int64(migration.number)), .text(migration.name), .text(migration.checksum),
                    .integer(time),
                ])
            guard claimed == 1 else { return false }
            for statement in migration.statements { try await transaction.execute(statement) }
            return true
        }
    }
}
