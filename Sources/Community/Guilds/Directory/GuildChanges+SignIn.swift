import Store

/// The writes of what a user's sign-in reports.
extension GuildChanges {
    /// - Parameter known: the guilds of the user, as they were read before Discord's answer is recorded. One that was added since
    ///   is more recent than the answer, and stays.
    func record(_ memberships: [ReportedMembership], of user: UserID, instead known: Set<GuildID>) async throws {
        let certain = Set(try await records.confirmations(of: user).list.filter { $0.until > now }.map(\.guild))
        var granted: [GuildID] = []
        for membership in memberships {
            let guild = membership.guildID
            let isInstalled = try await records.installedGuild(guild) != nil
            if !isInstalled { try await describe(membership, of: user) }
            if isInstalled, try await records.gatewayVouches(for: guild, now: now) { continue }
            try await transaction.execute(
                """
                INSERT INTO members (guild_id, user_id, roles, from_gateway, reported_permissions, last_confirmed)
                VALUES ($1, $2, '', 0, $3, $4)
                ON CONFLICT (guild_id, user_id) DO UPDATE SET reported_permissions = excluded.reported_permissions,
                    last_confirmed = excluded.last_confirmed
                """,
                [
                    .integer(guild.number), .integer(user.number), .integer(membership.permissions.stored),
                    .integer(now),
                ])
            if isInstalled, !certain.contains(guild) { granted.append(guild) }
        }
        for guild in known.subtracting(memberships.map(\.guildID)).sorted() {
            if try await records.gatewayVouches(for: guild, now: now) { continue }
            if try await records.installedGuild(guild) != nil {
                try await remove(user, from: guild)
            } else {
                try await transaction.execute(
                    "DELETE FROM members WHERE guild_id = $1 AND user_id = $2",
                    [.integer(guild.number), .integer(user.number)])
            }
        }
        for guild in granted { try await transaction.append(AccessEvents.granted(user, guild)) }
    }

    /// A guild without the bot is known from its members' sign-ins only.
    private func describe(_ membership: ReportedMembership, of user: UserID) async throws {
        try await transaction.execute(
            """
            INSERT INTO guilds (id, name, icon_hash, owner_id) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, icon_hash = excluded.icon_hash,
                owner_id = COALESCE(excluded.owner_id, guilds.owner_id)
            """,
            [
                .integer(membership.guildID.number), .text(membership.name), Value(membership.iconHash),
                Value(membership.isOwner ? user.number : nil),
            ])
    }
}
