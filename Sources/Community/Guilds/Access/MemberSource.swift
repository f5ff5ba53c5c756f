/// Confirms a user's memberships when the gateway does not vouch for them: Discord, asked on the user's behalf.
package protocol MembershipSource: Sendable {
    /// Whether Discord may be asked on the user's behalf, as far as is known without asking.
    ///
    /// - Throws: what the database throws.
    func mayAsk(about user: UserID) async throws -> Bool

    /// Returns every guild that the user is in, as Discord says now; `nil` if nobody may ask on their behalf, because they
    /// have signed out or withdrawn their consent.
    ///
    /// - Throws: when Discord can't be asked just now.
    func memberships(of user: UserID) async throws -> [ReportedMembership]?
}

/// Confirms a member's roles and timeout, which a user's own sign-in doesn't report, when the gateway does not vouch for
/// them: Discord, asked as the bot. That needs nobody's consent but is rate-limited far more tightly.
package protocol MemberSource: Sendable {
    /// Returns the member as Discord says now; `nil` if the user is not a member.
    ///
    /// - Throws: within a few seconds, when Discord can't be asked just now or was asked too often.
    func member(_ user: UserID, of guild: GuildID) async throws -> Member?
}
