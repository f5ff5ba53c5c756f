import Core
import Store

/// A membership as its user is told of it.
package struct OwnMembership: Sendable {
    package let member: Member
    package let guildName: String
    /// Whether the gateway reports it, rather than the user's own sign-in.
    package let isReportedByGuild: Bool
}

/// What users may ask for about themselves.
extension GuildDirectory {
    /// What is known of `user` in guilds, as the database says now.
    package func memberships(of user: UserID) async throws -> [OwnMembership] {
        let rows = try await database.read { reading in
            try await reading.query(
                """
                SELECT \(GuildRecords.memberColumns), g.name AS guild_name
                FROM members m JOIN users u ON u.id = m.user_id JOIN guilds g ON g.id = m.guild_id
                WHERE m.user_id = $1 ORDER BY m.guild_id
                """, [.integer(user.number)])
        }
        return try rows.map { row in
            OwnMembership(
                member: try GuildRecords.member(row), guildName: try row["guild_name"],
                isReportedByGuild: try row["from_gateway", as: Bool.self])
        }
    }

    /// Deletes what `user`'s sign-ins have reported, and their account unless a guild that the bot is in has them as a member:
    /// that is reported by the guild, which would report it again.
    package func forget(_ user: UserID) async throws {
        let now = time.milliseconds
        let guilds = try await database.read { try await GuildRecords($0).guilds(of: user) }
        let locks = [Lock.exclusive("user", user)] + guilds.map { .exclusive("guild", $0) }
        try await database.transaction(locking: Sessions.unchanged + locks) {
            try await GuildChanges($0, now: now).forget(user)
        }
        await cache?.forget([.memberships(user)])
    }
}

extension GuildChanges {
    fileprivate func forget(_ user: UserID) async throws {
        let own: [Value] = [.integer(user.number)]
        let rows = try await transaction.query(
            """
            SELECT g.id AS id, g.is_installed AS is_installed FROM members m JOIN guilds g ON g.id = m.guild_id
            WHERE m.user_id = $1 AND m.from_gateway = 0 ORDER BY g.id
            """, own)
        for row in rows {
            let guild = GuildID(try row["id", as: Int64.self])
            try await remove(user, from: guild)
            guard try !row["is_installed", as: Bool.self] else { continue }
            // A guild without the bot is known from its members' sign-ins only.
            try await transaction.execute(
                """
                DELETE FROM guilds WHERE id = $1 AND is_installed = 0
                    AND NOT EXISTS (SELECT 1 FROM members WHERE guild_id = $1)
                """, [.integer(guild.number)])
        }
        try await transaction.execute("UPDATE guilds SET owner_id = NULL WHERE is_installed = 0 AND owner_id = $1", own)
        try await transaction.execute("UPDATE members SET reported_permissions = 0 WHERE user_id = $1", own)
        try await transaction.execute("UPDATE users SET guilds_asked_at = 0 WHERE id = $1", own)
        let isGone = try await transaction.execute(
            "DELETE FROM users WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM members WHERE user_id = $1)", own)
        if isGone > 0 { try await transaction.append(MemberEvents.renamed(user)) }
    }
}
