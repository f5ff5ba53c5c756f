/// Where a person's memberships can be confirmed when the gateway does not vouch for them: Discord, asked on their behalf.
package protocol MembershipSource: Sendable {
    /// Whether somebody may ask on the person's behalf, as far as is known without asking.
    func mayAsk(about user: UserID) async throws -> Bool

    /// Every guild the person is in, as Discord says now; `nil` when nobody may ask on their behalf, because they have
    /// signed out or withdrawn their consent.
    ///
    /// - Throws: when Discord can't be asked just now.
    func memberships(of user: UserID) async throws -> [ReportedMembership]?
}

/// Where a member's roles and timeout can be confirmed when the gateway does not vouch for them, which a person's own
/// sign-in doesn't tell: Discord, asked as the bot, which needs nobody's consent but has far less to ask with.
package protocol MemberSource: Sendable {
    /// The member as Discord says now; `nil` for who is none.
    ///
    /// - Throws: when Discord can't be asked just now, or was asked too much; within a few seconds.
    func member(_ user: UserID, of guild: GuildID) async throws -> Member?
}
