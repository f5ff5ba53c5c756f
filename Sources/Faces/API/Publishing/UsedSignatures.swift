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

    /// Marks the signature as used; false if it was used before.
    ///
    /// - Parameters:
    ///   - expiry: until when it would be accepted, in milliseconds since 1970.
    ///   - now: expired signatures are deleted.
    /// - Throws: `StoreError`.
    static func use(
        _ signature: String, until expiry: Int64, now: Int64, _ transaction: any Transaction
    ) async throws -> Bool {
        try await transaction.execute("DELETE FROM used_signatures WHERE expires_at <= $1", [.integer(now)])
        return try await transaction.execute(
            "INSERT INTO used_signatures (signature, expires_at) VALUES ($1, $2) ON CONFLICT (signature) DO NOTHING",
            [.text(signature), .integer(expiry)]) > 0
    }
}
