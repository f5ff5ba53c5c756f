package import Store

extension GuildRecords {
    /// Vouches for nothing until Discord has reported it again: the database was set back, and what Discord reported since its copy
    /// was made, such as that a member was removed, is lost.
    ///
    /// - Parameter now: in milliseconds since 1970.
    /// - Throws: `StoreError`.
    package static func forgetCertainty(in transaction: any Transaction, now: Int64) async throws {
        try await transaction.execute(
            "UPDATE guilds SET gateway_session = NULL, next_session = NULL, members_complete = 0, confirmed_at = 0")
        try await transaction.execute("UPDATE gateway_sessions SET confirmed_at = 0")
        try await transaction.execute(
            "UPDATE members SET last_confirmed = 0, roles_confirmed = 0 WHERE last_confirmed > $1 OR roles_confirmed > $1",
            [Certainty.parameter(at: now)])
    }
}
