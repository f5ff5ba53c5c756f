import Store

/// What of the rows is certain without asking Discord: `Certainty` has the rule.
extension GuildRecords {
    /// The memberships of `user` in guilds that have the bot, or in that one, certain or not.
    ///
    /// - Returns: also until when `user` has a session; 0 for a user who is in none of these guilds.
    func confirmations(
        of user: UserID, in guild: GuildID? = nil
    ) async throws -> (list: [Confirmation], signedInUntil: Int64) {
        let found = try await memberships(of: user, in: guild)
        return (
            found.list.map { Confirmation(guild: $0.guild, until: $0.certainty.membershipUntil) }, found.signedInUntil
        )
    }

    /// The same with all that is known of their certainty.
    func memberships(
        of user: UserID, in guild: GuildID? = nil
    ) async throws -> (list: [(guild: GuildID, certainty: Certainty)], signedInUntil: Int64) {
        let rows = try await reading.query(
            """
            SELECT g.id AS id, \(Certainty.memberColumns), \(Certainty.guildColumns),
                (SELECT MAX(n.expires_at) FROM sessions n WHERE n.user_id = m.user_id) AS signed_in_until
            FROM \(Certainty.memberTables)
            WHERE m.user_id = $1 AND g.is_installed = 1\(guild == nil ? "" : " AND g.id = $2")
            """, [.integer(user.number)] + (guild.map { [.integer($0.number)] } ?? []))
        let list = try rows.map { row in
            (guild: GuildID(try row["id", as: Int64.self]), certainty: try Certainty(member: row, guild: row))
        }
        return (list, try rows.first?["signed_in_until", as: Int64?.self] ?? 0)
    }

    /// Until when the gateway vouches for the guild, in milliseconds since 1970; `nil` without the bot.
    func vouchedUntil(_ guild: GuildID) async throws -> Int64? {
        try await reading.query(
            """
            SELECT \(Certainty.guildColumns) FROM \(Certainty.guildTables) WHERE g.id = $1 AND g.is_installed = 1
            """, [.integer(guild.number)]
        ).first.map { try Certainty.vouchedUntil($0) }
    }

    /// Whether `user` is known to be a member without asking Discord.
    func isCertain(_ user: UserID, of guild: GuildID, now: Int64) async throws -> Bool {
        try await confirmations(of: user, in: guild).list.contains { $0.until > now }
    }

    /// Guilds with the bot where `user` is known to be, and whose report of their roles has grown old. Where the gateway
    /// vouches there is nothing to ask.
    func guildsWithOldRoles(of user: UserID, now: Int64) async throws -> [GuildID] {
        try await reading.query(
            """
            SELECT g.id AS id FROM \(Certainty.memberTables)
            WHERE m.user_id = $1 AND g.is_installed = 1
                AND NOT \(Certainty.rolesAreCertain("$2")) AND NOT \(Certainty.isVouchedFor("$2"))
            """, [.integer(user.number), Certainty.parameter(at: now)]
        ).map { GuildID(try $0["id", as: Int64.self]) }
    }

    /// Whether the gateway is alive and has reported all members of the guild, so that nobody else is a member.
    package func gatewayVouches(for guild: GuildID, now: Int64) async throws -> Bool {
        try await !reading.query(
            "SELECT g.id AS id FROM \(Certainty.guildTables) WHERE g.id = $1 AND \(Certainty.isVouchedFor("$2"))",
            [.integer(guild.number), Certainty.parameter(at: now)]
        ).isEmpty
    }

    /// Whether this is what the gateway has reported of the member, and it vouches for the guild.
    func isVouchedFor(_ member: Member, now: Int64) async throws -> Bool {
        let rows = try await reading.query(
            """
            SELECT \(Self.memberColumns) FROM \(Certainty.memberTables) JOIN users u ON u.id = m.user_id
            WHERE m.guild_id = $1 AND m.user_id = $2 AND m.from_gateway = 1 AND \(Certainty.isVouchedFor("$3"))
            """, [member.guildID.value, member.user.id.value, Certainty.parameter(at: now)])
        return try rows.first.map(Self.member) == member
    }

    /// The guilds of these that have the bot: rows with `is_vouched_for`, whether the gateway vouches for the guild.
    func installedGuilds(_ guilds: [GuildID], now: Int64) async throws -> [Row] {
        try await reading.query(guilds.map(\.value), [Certainty.parameter(at: now)]) {
            """
            SELECT g.id AS id, g.name AS name, g.icon_hash AS icon_hash, g.owner_id AS owner_id,
                CASE WHEN \(Certainty.isVouchedFor("$1")) THEN 1 ELSE 0 END AS is_vouched_for
            FROM \(Certainty.guildTables) WHERE g.is_installed = 1 AND g.id IN (\($0))
            """
        }
    }

    /// A member who has a session.
    struct SignedInMember {
        let membership: Membership
        /// Whether the membership is certain without asking Discord.
        let isCertain: Bool

        var guild: GuildID { membership.guild }
        var user: UserID { membership.user }
    }

    /// The members who could have a page open: those with a session. Appending events only for these keeps the cost of a
    /// change of a whole guild within the number of users of the web, however large the guild is.
    func signedInMembers(of guilds: [GuildID], now: Int64) async throws -> [SignedInMember] {
        try await reading.query(guilds.map(\.value), [.integer(now), Certainty.parameter(at: now)]) {
            """
            SELECT DISTINCT m.guild_id AS guild_id, m.user_id AS user_id,
                CASE WHEN \(Certainty.membershipIsCertain("$2")) THEN 1 ELSE 0 END AS is_certain
            FROM \(Certainty.memberTables) JOIN sessions n ON n.user_id = m.user_id
            WHERE n.expires_at > $1 AND m.guild_id IN (\($0)) ORDER BY m.guild_id, m.user_id
            """
        }.map { row in
            SignedInMember(
                membership: Membership(
                    guild: GuildID(try row["guild_id", as: Int64.self]),
                    user: UserID(try row["user_id", as: Int64.self])),
                isCertain: try row["is_certain", as: Bool.self])
        }
    }
}
