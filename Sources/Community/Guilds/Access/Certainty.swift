import Core
package import Store

/// When the rows say that a membership, its roles or a guild's list of members is still certain without asking Discord.
///
/// This is the one owner of that rule. What Discord reported holds for 300 s:
/// - The gateway *vouches* for a guild that has the bot once it has reported all its members, for 300 s after the last
///   sign of life of its session, or of the session before it.
/// - A *membership* is certain for 300 s after it was confirmed itself and, if the gateway reported it, as long as the
///   gateway vouches for the guild.
/// - *Roles* are certain only if the gateway, or the bot by asking, reported them: for 300 s after they were confirmed,
///   and as long as the gateway vouches for the guild.
/// - *Permissions* that the user's sign-in reported stand in for unknown roles, for 300 s after that report.
///
/// The rule has two forms that must agree: the properties say until when, for grants and for the cache; the conditions
/// are for queries that choose rows.
package struct Certainty: Hashable, Sendable {
    /// How long something that Discord reported holds.
    package static let lifetime: Duration = .seconds(300)

    /// Whether something that was confirmed at `confirmed` still holds at `now`, both in milliseconds since 1970.
    static func holds(_ confirmed: Int64, at now: Int64) -> Bool { confirmed > bound(at: now) }

    private static func bound(at now: Int64) -> Int64 { now - lifetime.milliseconds }

    // MARK: The rule as times

    /// Until when the gateway vouches for the guild, in milliseconds since 1970; 0 while it has not reported all members.
    package let vouchedUntil: Int64
    /// Until when the membership is certain, in milliseconds since 1970.
    package let membershipUntil: Int64
    /// Until when the roles are certain, in milliseconds since 1970; 0 if only the user's sign-in reported the membership.
    package let rolesUntil: Int64
    /// The same by their own confirmations alone. What the gateway reported holds as long as it vouches for the guild, too.
    let membershipConfirmedUntil: Int64
    let rolesConfirmedUntil: Int64
    /// Whether the gateway, or the bot by asking, reported the member, and with them the roles.
    package let rolesAreReported: Bool

    /// Until when the permissions hold that the user's sign-in reported, for use where the roles are unknown: whatever else
    /// had confirmed the membership since would have confirmed the roles as well.
    var reportedPermissionsUntil: Int64 { membershipConfirmedUntil }

    /// - Parameters:
    ///   - member: a row with `memberColumns`.
    ///   - guild: a row with `guildColumns`; it may be the same.
    /// - Throws: `StoreError` if a column is missing.
    package init(member: Row, guild: Row) throws {
        vouchedUntil = try Self.vouchedUntil(guild)
        rolesAreReported = try member["from_gateway", as: Bool.self]
        let vouchedUntil = rolesAreReported ? vouchedUntil : 0
        membershipConfirmedUntil = try member["last_confirmed", as: Int64.self] + Self.lifetime.milliseconds
        membershipUntil = max(membershipConfirmedUntil, vouchedUntil)
        rolesConfirmedUntil =
            rolesAreReported ? try member["roles_confirmed", as: Int64.self] + Self.lifetime.milliseconds : 0
        rolesUntil = max(rolesConfirmedUntil, vouchedUntil)
    }

    /// Until when the gateway vouches for the guild of this row with `guildColumns`.
    ///
    /// - Throws: `StoreError` if a column is missing.
    static func vouchedUntil(_ guild: Row) throws -> Int64 {
        guard try guild["is_installed", as: Bool.self], try guild["members_complete", as: Bool.self] else { return 0 }
        let confirmed = max(
            try guild["guild_confirmed", as: Int64.self], try guild["gateway_confirmed", as: Int64?.self] ?? 0)
        return confirmed + lifetime.milliseconds
    }

    /// What `init` reads of a row of `members`, called `m`.
    package static let memberColumns =
        "m.from_gateway AS from_gateway, m.last_confirmed AS last_confirmed, m.roles_confirmed AS roles_confirmed"

    /// What `init` reads of a row of `guildTables`.
    package static let guildColumns = """
        g.is_installed AS is_installed, g.members_complete AS members_complete, g.confirmed_at AS guild_confirmed,
        s.confirmed_at AS gateway_confirmed
        """

    // MARK: The rule as conditions

    /// The guild, called `g`, and the gateway session that vouches for it, called `s`.
    package static let guildTables = "guilds g LEFT JOIN gateway_sessions s ON s.session = g.gateway_session"

    /// The member, called `m`, with `guildTables`.
    package static let memberTables = """
        members m JOIN guilds g ON g.id = m.guild_id LEFT JOIN gateway_sessions s ON s.session = g.gateway_session
        """

    /// Whether the gateway vouches for the guild, over `guildTables`.
    ///
    /// - Parameter bound: the place of the parameter that has `parameter(at:)` as its value, such as `$2`.
    package static func isVouchedFor(_ bound: String) -> String {
        """
        (g.is_installed = 1 AND g.members_complete = 1
            AND (g.confirmed_at > \(bound) OR COALESCE(s.confirmed_at, 0) > \(bound)))
        """
    }

    /// Whether the membership is certain, over `memberTables`; `bound` as above.
    package static func membershipIsCertain(_ bound: String) -> String {
        "(m.last_confirmed > \(bound) OR (m.from_gateway = 1 AND \(isVouchedFor(bound))))"
    }

    /// Whether the roles are certain, over `memberTables`; `bound` as above.
    package static func rolesAreCertain(_ bound: String) -> String {
        "(m.from_gateway = 1 AND (m.roles_confirmed > \(bound) OR \(isVouchedFor(bound))))"
    }

    /// The value that the conditions compare with.
    package static func parameter(at now: Int64) -> Value { .integer(bound(at: now)) }
}
