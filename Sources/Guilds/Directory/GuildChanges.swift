import Store

/// The writes of the community layer within one transaction, each of which knows whether it changed anything.
struct GuildChanges {
    let transaction: any Transaction
    let now: Int64

    init(_ transaction: any Transaction, now: Int64) {
        self.transaction = transaction
        self.now = now
    }

    var records: GuildRecords { GuildRecords(transaction) }

    func tellUpdated(_ guild: GuildID) async throws {
        try await transaction.append(AccessEvents.updated(guild))
    }

    // MARK: Guilds

    func install(
        _ guild: Guild, session: String, membersAreComplete: Bool
    ) async throws -> (installed: Bool, changed: Bool) {
        let before = try await records.installedGuild(guild.id)
        try await transaction.execute(
            """
            INSERT INTO guilds (id, name, icon_hash, owner_id, is_installed, gateway_session, members_complete)
            VALUES ($1, $2, $3, $4, 1, $5, $6)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, icon_hash = excluded.icon_hash,
                owner_id = excluded.owner_id, is_installed = 1, gateway_session = excluded.gateway_session,
                members_complete = excluded.members_complete
            """,
            [
                .integer(guild.id.number), .text(guild.name), .optional(guild.iconHash),
                .optional(guild.ownerID?.number), .text(session), .integer(membersAreComplete ? 1 : 0),
            ])
        return (before == nil, before != guild)
    }

    func update(_ guild: Guild) async throws -> Bool {
        guard let before = try await records.installedGuild(guild.id), before != guild else { return false }
        try await transaction.execute(
            "UPDATE guilds SET name = $1, icon_hash = $2, owner_id = $3 WHERE id = $4",
            [
                .text(guild.name), .optional(guild.iconHash), .optional(guild.ownerID?.number),
                .integer(guild.id.number),
            ])
        return true
    }

    /// Members whom nobody knows but through this guild are forgotten. Those who are signed in keep the membership for
    /// as long as one learnt from a sign-in holds, so that the guild stays in their list as one to install the bot in.
    func uninstall(_ guild: GuildID) async throws {
        let changed = try await transaction.execute(
            """
            UPDATE guilds SET is_installed = 0, gateway_session = NULL, members_complete = 0
            WHERE id = $1 AND is_installed = 1
            """, [.integer(guild.number)])
        guard changed > 0 else { return }
        try await tellUpdated(guild)
        let watchers = try await signedInMembers(of: guild)
        for user in watchers {
            guard let row = try await records.memberRow(user, of: guild) else { continue }
            let member = try GuildRecords.member(row)
            if try row["from_gateway", as: Int64.self] == 1 {
                let place = try await records.anyGuild(guild)
                let roles = try await records.roles(of: guild)
                let permissions = place.map {
                    GuildPermissions.base(of: user, having: member.roles, in: $0, roles: roles)
                }
                try await transaction.execute(
                    """
                    UPDATE members SET from_gateway = 0, roles = '', nickname = NULL, reported_permissions = $1,
                        last_confirmed = $2
                    WHERE guild_id = $3 AND user_id = $4
                    """,
                    [
                        .integer((permissions ?? []).stored), .integer(now), .integer(guild.number),
                        .integer(user.number),
                    ])
            }
            try await transaction.append(AccessEvents.revoked(user, guild))
        }
        try await transaction.execute(
            "DELETE FROM members WHERE guild_id = $1 AND from_gateway = 1", [.integer(guild.number)])
        try await transaction.execute("DELETE FROM channels WHERE guild_id = $1", [.integer(guild.number)])
        try await transaction.execute("DELETE FROM roles WHERE guild_id = $1", [.integer(guild.number)])
    }

    /// The members who could have a page open: those with a session. Telling only these keeps what a change of a
    /// whole guild costs within the number of people who use the web, however large the guild is.
    func signedInMembers(of guild: GuildID) async throws -> [UserID] {
        try await transaction.query(
            """
            SELECT DISTINCT m.user_id AS id FROM members m JOIN sessions s ON s.user_id = m.user_id
            WHERE m.guild_id = $1 AND s.expires_at > $2 ORDER BY m.user_id
            """, [.integer(guild.number), .integer(now)]
        ).map { UserID(try $0["id", as: Int64.self]) }
    }

    // MARK: Channels and roles

    func upsert(_ channel: Channel) async throws -> Bool {
        guard try await records.channel(channel.id) != channel else { return false }
        try await transaction.execute(
            """
            INSERT INTO channels (id, guild_id, name, type, position, parent_id, overwrites)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET guild_id = excluded.guild_id, name = excluded.name, type = excluded.type,
                position = excluded.position, parent_id = excluded.parent_id, overwrites = excluded.overwrites
            """,
            [
                .integer(channel.id.number), .integer(channel.guildID.number), .text(channel.name),
                .integer(Int64(channel.type)), .integer(Int64(channel.position)), .optional(channel.parentID?.number),
                .text(PermissionOverwrite.encoded(channel.overwrites)),
            ])
        return true
    }

    func remove(_ channel: ChannelID, from guild: GuildID) async throws -> Bool {
        try await transaction.execute(
            "DELETE FROM channels WHERE id = $1 AND guild_id = $2", [.integer(channel.number), .integer(guild.number)]
        ) > 0
    }

    func replaceChannels(_ channels: [Channel], of guild: GuildID) async throws -> Bool {
        var changed = false
        let kept = Set(channels.map(\.id))
        for old in try await records.channels(of: guild) where !kept.contains(old.id) {
            changed = try await remove(old.id, from: guild) || changed
        }
        for channel in channels { changed = try await upsert(channel) || changed }
        return changed
    }

    func upsert(_ role: Role) async throws -> Bool {
        let known = try await transaction.query(
            "SELECT id, guild_id, name, color, position, permissions, is_managed FROM roles WHERE id = $1",
            [.integer(role.id.number)])
        guard try known.first.map(GuildRecords.role) != role else { return false }
        try await transaction.execute(
            """
            INSERT INTO roles (id, guild_id, name, color, position, permissions, is_managed)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, color = excluded.color,
                position = excluded.position, permissions = excluded.permissions, is_managed = excluded.is_managed
            """,
            [
                .integer(role.id.number), .integer(role.guildID.number), .text(role.name),
                .integer(Int64(role.color)), .integer(Int64(role.position)), .integer(role.permissions.stored),
                .integer(role.isManaged ? 1 : 0),
            ])
        return true
    }

    func remove(_ role: RoleID, from guild: GuildID) async throws -> Bool {
        try await transaction.execute(
            "DELETE FROM roles WHERE id = $1 AND guild_id = $2", [.integer(role.number), .integer(guild.number)]) > 0
    }

    func replaceRoles(_ roles: [Role], of guild: GuildID) async throws -> Bool {
        var changed = false
        let kept = Set(roles.map(\.id))
        for old in try await records.roles(of: guild) where !kept.contains(old.id) {
            changed = try await remove(old.id, from: guild) || changed
        }
        for role in roles { changed = try await upsert(role) || changed }
        return changed
    }
}
