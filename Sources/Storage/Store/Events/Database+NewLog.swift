extension Database {
    /// Declares the log to be another one from here on, after it was set back: its readers begin anew. Of several processes that
    /// notice, one does it. The database knows the epochs that came before its own: one that doesn't know the reader's is a copy from
    /// before it.
    ///
    /// - Parameters:
    ///   - epoch: of the log that was read.
    ///   - body: takes back what else may no longer be true, in the same transaction.
    /// - Throws: `StoreError`; what `body` throws.
    package func beginNewLog(
        replacing epoch: String, _ body: @Sendable (any Transaction) async throws -> Void
    ) async throws {
        try await unhurriedTransaction { transaction in
            let rows = try await transaction.query("SELECT value FROM store_meta WHERE name = 'epoch'")
            let current = try rows.first?["value", as: String.self] ?? epoch
            let former = try await transaction.query(
                "SELECT value FROM store_meta WHERE name = $1", [.text(Self.formerly(epoch))])
            guard current == epoch || former.isEmpty else { return }
            for name in Set([epoch, current]) {
                try await transaction.execute(
                    "INSERT INTO store_meta (name, value) VALUES ($1, '') ON CONFLICT (name) DO NOTHING",
                    [.text(Self.formerly(name))])
            }
            try await transaction.execute(
                "UPDATE store_meta SET value = $1 WHERE name = 'epoch'", [.text(Cursor.newEpoch())])
            try await body(transaction)
        }
    }

    private static func formerly(_ epoch: String) -> String { "former epoch \(epoch)" }
}
