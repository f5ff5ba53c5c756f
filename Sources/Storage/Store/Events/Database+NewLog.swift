extension Database {
    /// Declares the log to be another one from here on, after it was set back: its readers begin anew. Of several processes that
    /// notice, one does it.
    ///
    /// - Parameters:
    ///   - epoch: of the log that was set back.
    ///   - body: takes back what else may no longer be true, in the same transaction.
    /// - Throws: `StoreError`; what `body` throws.
    package func beginNewLog(
        replacing epoch: String, _ body: @Sendable (any Transaction) async throws -> Void
    ) async throws {
        try await unhurriedTransaction { transaction in
            let replaced = try await transaction.execute(
                "UPDATE store_meta SET value = $1 WHERE name = 'epoch' AND value = $2",
                [.text(Cursor.newEpoch()), .text(epoch)])
            if replaced > 0 { try await body(transaction) }
        }
    }
}
