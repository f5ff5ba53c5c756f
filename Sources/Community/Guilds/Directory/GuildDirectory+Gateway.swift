import Core
import Store

/// What the bot's gateway reports, by event.
extension GuildDirectory {
    /// READY: a new gateway session knows these guilds. The bot left this shard's other guilds while it was not connected;
    /// what is known of the listed ones counts as confirmed again once their snapshots arrive.
    package func gatewayStarted(
        session: String, bot: User, guilds: Set<GuildID>, shard: Int = 0, shardCount: Int = 1
    ) async throws {
        try await change { changes in
            try await changes.upsert(bot)
            try await changes.start(session: session, bot: bot.id, shard: shard)
            for guild in try await changes.installedGuilds()
            where (guild.number >> 22) % Int64(max(1, shardCount)) == Int64(shard) && !guilds.contains(guild) {
                try await changes.uninstall(guild)
            }
        }
    }

    /// The gateway session is alive: call after RESUMED and at each acknowledged heartbeat. While these calls come more
    /// often than every 300 s, memberships that the gateway reported need no other confirmation.
    package func gatewayConfirmed(session: String) async throws {
        try await change { try await $0.confirm(session: session) }
    }

    /// GUILD_CREATE: replaces what was known of the guild.
    package func replace(_ snapshot: GuildSnapshot, session: String) async throws {
        try await change { changes in
            let id = snapshot.guild.id
            let before = try await changes.install(
                snapshot.guild, session: session, membersAreComplete: snapshot.membersAreComplete)
            let rolesChanged = try await changes.replaceRoles(snapshot.roles, of: id)
            let channelsChanged = try await changes.replaceChannels(snapshot.channels, of: id)
            try await changes.merge(
                snapshot.members, of: id, removingOthers: snapshot.membersAreComplete,
                notifyingAll: !before.wasConfirmed)
            if before.guild != snapshot.guild || rolesChanged || channelsChanged { try await changes.appendUpdated(id) }
        }
    }

    /// GUILD_UPDATE.
    package func update(_ guild: Guild) async throws {
        try await change { changes in
            if try await changes.update(guild) { try await changes.appendUpdated(guild.id) }
        }
    }

    /// GUILD_DELETE without `unavailable`: the bot is no longer in the guild. Its members lose access.
    package func uninstall(_ guild: GuildID) async throws {
        try await change { try await $0.uninstall(guild) }
    }

    /// CHANNEL_CREATE and CHANNEL_UPDATE.
    package func upsert(_ channel: Channel) async throws {
        try await change { changes in
            if try await changes.upsert(channel) { try await changes.appendUpdated(channel.guildID) }
        }
    }

    /// CHANNEL_DELETE.
    package func remove(_ channel: ChannelID, from guild: GuildID) async throws {
        try await change { changes in
            if try await changes.remove(channel, from: guild) { try await changes.appendUpdated(guild) }
        }
    }

    /// GUILD_ROLE_CREATE and GUILD_ROLE_UPDATE.
    package func upsert(_ role: Role) async throws {
        try await change { changes in
            if try await changes.upsert(role) { try await changes.appendUpdated(role.guildID) }
        }
    }

    /// GUILD_ROLE_DELETE.
    package func remove(_ role: RoleID, from guild: GuildID) async throws {
        try await change { changes in
            if try await changes.remove(role, from: guild) { try await changes.appendUpdated(guild) }
        }
    }

    /// GUILD_MEMBER_ADD and GUILD_MEMBER_UPDATE.
    package func upsert(_ member: Member) async throws {
        try await change { try await $0.upsert(member) }
    }

    /// GUILD_MEMBERS_CHUNK: a part of the members. Nobody is removed.
    package func merge(_ members: [Member], of guild: GuildID) async throws {
        try await change { changes in
            try await changes.merge(members, of: guild, removingOthers: false, notifyingAll: false)
        }
    }

    /// All chunks have arrived: these are all the members there are.
    ///
    /// - Returns: `false` if one of them has been removed meanwhile, because they could not be confirmed while the list was
    ///   on its way: then the list must be requested again.
    @discardableResult
    package func completeMembers(_ members: Set<UserID>, of guild: GuildID) async throws -> Bool {
        try await change { try await $0.completeMembers(members, of: guild) }
    }

    /// GUILD_MEMBER_REMOVE: left, kicked or banned.
    package func remove(_ user: UserID, from guild: GuildID) async throws {
        try await change { try await $0.remove(user, from: guild) }
        await cache?.forget([.memberships(user)])
    }

    /// USER_UPDATE, or a user mentioned by another event.
    package func upsert(_ user: User) async throws {
        try await change { try await $0.upsert(user) }
    }

    private func change<Result: Sendable>(
        _ body: @Sendable (GuildChanges) async throws -> Result
    ) async throws -> Result {
        let now = time.milliseconds
        return try await database.transaction { try await body(GuildChanges($0, now: now)) }
    }
}
