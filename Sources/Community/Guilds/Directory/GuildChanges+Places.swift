import Store

/// The writes of channels and roles. Those of many return the guilds where something changed.
extension GuildChanges {
    func upsert(_ channel: Channel) async throws {
        let before = try await records.channel(channel.id)
        guard before != channel else { return }
        try await write([channel])
        let isSeenAlike = before?.overwrites == channel.overwrites && before?.holdsMessages == channel.holdsMessages
        let concernsMessages = channel.holdsMessages || before?.holdsMessages == true
        try await append(isSeenAlike || !concernsMessages ? .shown : .views, of: channel.guildID)
    }

    func remove(_ channel: ChannelID, from guild: GuildID) async throws {
        let before = try await records.channel(channel)
        let removed = try await transaction.execute(
            "DELETE FROM channels WHERE id = $1 AND guild_id = $2", [.integer(channel.number), .integer(guild.number)])
        guard removed > 0 else { return }
        try await append(before?.holdsMessages == true ? .views : .shown, of: guild)
    }

    func replaceChannels(_ snapshots: [GuildSnapshot]) async throws -> Set<GuildID> {
        let known = try await records.channels(of: snapshots.map(\.guild.id))
        let byID = Dictionary(known.map { ($0.id, $0) }) { first, _ in first }
        let current = snapshots.flatMap(\.channels)
        let kept = Set(current.map(\.id))
        let gone = known.filter { !kept.contains($0.id) }
        let changed = Dictionary(current.filter { byID[$0.id] != $0 }.map { ($0.id, $0) }) { _, last in last }.values
        try await transaction.enqueue(gone.map(\.id.value)) { "DELETE FROM channels WHERE id IN (\($0))" }
        try await write(changed.sorted { $0.id < $1.id })
        return Set(gone.map(\.guildID)).union(changed.map(\.guildID))
    }

    private func write(_ channels: [Channel]) async throws {
        try await transaction.upsert(
            channels.map { channel in
                [
                    channel.id.value, channel.guildID.value, .text(channel.name), .integer(Int64(channel.type)),
                    .integer(Int64(channel.position)), Value(channel.parentID?.number),
                    .text(PermissionOverwrite.encoded(channel.overwrites)),
                ]
            }, into: "channels", ["id", "guild_id", "name", "type", "position", "parent_id", "overwrites"],
            conflict: """
                (id) DO UPDATE SET guild_id = excluded.guild_id, name = excluded.name, type = excluded.type,
                    position = excluded.position, parent_id = excluded.parent_id, overwrites = excluded.overwrites
                """)
    }

    func upsert(_ role: Role) async throws {
        let before = try await records.role(role.id)
        guard before != role else { return }
        try await write([role])
        // Nobody has a new role yet.
        try await append(before.map { $0.permissions == role.permissions } ?? true ? .shown : .views, of: role.guildID)
    }

    func remove(_ role: RoleID, from guild: GuildID) async throws {
        let removed = try await transaction.execute(
            "DELETE FROM roles WHERE id = $1 AND guild_id = $2", [.integer(role.number), .integer(guild.number)])
        try await append(removed > 0 ? .views : .nothing, of: guild)
    }

    func replaceRoles(_ snapshots: [GuildSnapshot]) async throws -> Set<GuildID> {
        let known = try await records.roles(of: snapshots.map(\.guild.id))
        let byID = Dictionary(known.map { ($0.id, $0) }) { first, _ in first }
        let current = snapshots.flatMap(\.roles)
        let kept = Set(current.map(\.id))
        let gone = known.filter { !kept.contains($0.id) }
        let changed = Dictionary(current.filter { byID[$0.id] != $0 }.map { ($0.id, $0) }) { _, last in last }.values
        try await transaction.enqueue(gone.map(\.id.value)) { "DELETE FROM roles WHERE id IN (\($0))" }
        try await write(changed.sorted { $0.id < $1.id })
        return Set(gone.map(\.guildID)).union(changed.map(\.guildID))
    }

    private func write(_ roles: [Role]) async throws {
        try await transaction.upsert(
            roles.map { role in
                [
                    role.id.value, role.guildID.value, .text(role.name), .integer(Int64(role.color)),
                    .integer(Int64(role.position)), .integer(role.permissions.stored),
                    .integer(role.isManaged ? 1 : 0),
                ]
            }, into: "roles", ["id", "guild_id", "name", "color", "position", "permissions", "is_managed"],
            conflict: """
                (id) DO UPDATE SET name = excluded.name, color = excluded.color, position = excluded.position,
                    permissions = excluded.permissions, is_managed = excluded.is_managed
                """)
    }
}
