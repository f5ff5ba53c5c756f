import Store

/// The writes of channels and roles. Each returns whether anything changed.
extension GuildChanges {
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
                .integer(Int64(channel.type)), .integer(Int64(channel.position)), Value(channel.parentID?.number),
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
