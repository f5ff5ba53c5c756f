package import Store

/// Remembers the signatures that were used, for as long as they would be accepted again.
package enum UsedSignatures {
    /// The table of used signatures.
    package static let migrations = MigrationSet(
        owner: "api",
        [
            Migration(
                1, "used signatures",
                [
                    "CREATE TABLE used_signatures (signature TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)",
                    "CREATE INDEX used_signatures_by_expiry ON used_signatures (expires_at)",
                ])
        ])

    /// How many expired signatures are deleted at once: now and then, but twice as many as are added.
    private static let tidyingBatch = 256

    /// Runs `body` and marks the signature as used, both or neither; `nil` if it was used before.
    ///
    /// - Parameters:
    ///   - expiry: until when it would be accepted, in milliseconds since 1970.
    ///   - now: signatures that have expired are deleted, now and then.
    /// - Throws: `StoreError`, and what `body` throws.
    static func using<Result: Sendable>(
        _ signature: String, until expiry: Int64, now: Int64, _ database: any Database,
        _ body: @Sendable (any Transaction) async throws -> Result
    ) async throws -> Result? {
        do {
            return try await database.transaction(locking: []) { transaction in
                if Int.random(in: 0..<tidyingBatch / 2) == 0 {
                    try await transaction.enqueue(
                        """
                        DELETE FROM used_signatures WHERE signature IN (
                            SELECT signature FROM used_signatures WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
                        """, [.integer(now), .integer(Int64(tidyingBatch))])
                }
                try await transaction.enqueue(
                    "INSERT INTO used_signatures (signature, expires_at) VALUES ($1, $2)",
                    [.text(signature), .integer(expiry)])
                return try await body(transaction)
            }
        } catch let error as StoreError where error.kind == .uniqueViolation {
            return nil
        }
    }
}
