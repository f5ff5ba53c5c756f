import Core
import Store

/// A membership, and until when it is certain without asking Discord, in milliseconds since 1970.
struct Confirmation: Codable, Sendable {
    let guild: GuildID
    let until: Int64
}

extension GuildRecords {
    /// The memberships of `user` in guilds that have the bot, or in that one, certain or not.
    ///
    /// - Returns: also until when `user` has a session; 0 for who is in none of these guilds.
    func confirmations(
        of user: UserID, in guild: GuildID? = nil
    ) async throws -> (list: [Confirmation], signedInUntil: Int64) {
        let rows = try await reading.query(
            """
            SELECT g.id AS id, m.last_confirmed AS last_confirmed, m.from_gateway AS from_gateway,
                g.members_complete AS members_complete, g.confirmed_at AS guild_confirmed,
                s.confirmed_at AS gateway_confirmed,
                (SELECT MAX(n.expires_at) FROM sessions n WHERE n.user_id = m.user_id) AS signed_in_until
            FROM members m JOIN guilds g ON g.id = m.guild_id
                LEFT JOIN gateway_sessions s ON s.session = g.gateway_session
            WHERE m.user_id = $1 AND g.is_installed = 1\(guild == nil ? "" : " AND g.id = $2")
            """, [.integer(user.number)] + (guild.map { [.integer($0.number)] } ?? []))
        let list = try rows.map { row in
            var confirmed = try row["last_confirmed", as: Int64.self]
            if try row["from_gateway", as: Bool.self], try row["members_complete", as: Bool.self] {
                confirmed = max(
                    confirmed, try row["guild_confirmed", as: Int64.self],
                    try row["gateway_confirmed", as: Int64?.self] ?? 0)
            }
            return Confirmation(
                guild: GuildID(try row["id", as: Int64.self]),
                until: confirmed + AccessPolicy.freshness.milliseconds)
        }
        return (list, try rows.first?["signed_in_until", as: Int64?.self] ?? 0)
    }

    /// Whether `user` is known to be a member without asking Discord.
    func isCertain(_ user: UserID, of guild: GuildID, now: Int64) async throws -> Bool {
        try await confirmations(of: user, in: guild).list.contains { $0.until > now }
    }

    /// Guilds with the bot where `user` is known to be, and what is known of their roles is older than 300 s.
    func guildsWithOldRoles(of user: UserID, now: Int64) async throws -> [GuildID] {
        let bound = Value.integer(now - AccessPolicy.freshness.milliseconds)
        return try await reading.query(
            """
            SELECT g.id AS id FROM members m JOIN guilds g ON g.id = m.guild_id
                LEFT JOIN gateway_sessions s ON s.session = g.gateway_session
            WHERE m.user_id = $1 AND g.is_installed = 1 AND (m.from_gateway = 0 OR m.roles_confirmed <= $2)
                AND NOT (g.members_complete = 1 AND (g.confirmed_at > $3 OR COALESCE(s.confirmed_at, 0) > $4))
            """, [.integer(user.number), bound, bound, bound]
        ).map { GuildID(try $0["id", as: Int64.self]) }
    }

    /// Whether the gateway is alive and has told all members of the guild, so that who is not among them is no member.
    package func gatewayVouches(for guild: GuildID, now: Int64) async throws -> Bool {
        try await !reading.query(
            """
            SELECT g.id AS id FROM guilds g LEFT JOIN gateway_sessions s ON s.session = g.gateway_session
            WHERE g.id = $1 AND g.is_installed = 1 AND g.members_complete = 1
                AND (g.confirmed_at > $2 OR s.confirmed_at > $2)
            """, [.integer(guild.number), .integer(now - AccessPolicy.freshness.milliseconds)]
        ).isEmpty
    }
}
