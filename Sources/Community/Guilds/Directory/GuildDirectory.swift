package import Core
package import Store

/// What is known of guilds, channels, roles, members and users, kept up to date by the bot's gateway and by users'
/// sign-ins, and what pages and games read of it.
///
/// Every write is idempotent: called again with the same facts it changes nothing and appends no event. What does change
/// is published by events that are appended in the same transaction: `access.granted` and `access.revoked` on the topic of
/// the user concerned, `guild.updated` on the guild's topic. Errors: every method throws what the database throws.
package struct GuildDirectory: Sendable {
    let database: any Database
    let time: TimeSource
    let cache: AccessCache?
    let memory: AccessMemory?

    /// - Parameters:
    ///   - cache: entries about a user are removed from it at once when they leave a guild.
    ///   - memory: what this process remembers; without it the database is asked each time.
    package init(
        database: any Database, cache: AccessCache? = nil, memory: AccessMemory? = nil, time: TimeSource = .system
    ) {
        self.database = database
        self.cache = cache
        self.memory = memory
        self.time = time
    }

    /// The guild's roles, highest first.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func roles(of guild: GuildID, seen cursor: Cursor? = nil) async throws -> [Role] {
        let read = { try await database.read { try await GuildRecords($0).roles(of: guild) } }
        guard let memory else { return try await read() }
        return try await memory.roles.value(for: guild, seen: cursor, about: [CommunitySubject.guild(guild)]) {
            let roles = try await read()
            return ReadTable.Read(roles, bytes: 200 + 200 * roles.count)
        } ?? []
    }

    /// What `user` sees of the guild. `nil` if they are not known as a member whose roles are certain: then ask the
    /// database within the read that needs it.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func viewer(_ user: UserID, in guild: GuildID, seen cursor: Cursor?) async throws -> Viewer? {
        guard let memory else { return nil }
        let (key, now) = (AccessMemory.Place(user: user, guild: guild), time.milliseconds)
        let viewer = try await memory.viewers.value(
            for: key, seen: cursor,
            about: [CommunitySubject.user(user), CommunitySubject.guild(guild), CommunitySubject.members(guild)]
        ) {
            let viewer = try await database.read { reading -> Viewer? in
                let records = GuildRecords(reading)
                guard let known = try await records.certainPermissions(of: user, in: guild, now: now) else {
                    return nil
                }
                return Viewer(known.permissions, known.certainty, channels: try await records.channels(of: guild))
            }
            return viewer.map {
                ReadTable.Read($0, bytes: 1000 + 16 * $0.channels.count, until: now + AccessMemory.lifetime)
            }
        }
        guard let viewer, viewer.confirmedUntil <= now else { return viewer }
        let vouchedUntil = try await memory.vouchedUntil(guild, now: now, seen: cursor) {
            try await database.read { try await GuildRecords($0).vouchedUntil(guild) }
        }
        return vouchedUntil > now ? viewer : nil
    }

    /// The same as far as it is remembered. Never waits.
    package func rememberedViewer(_ user: UserID, in guild: GuildID, seen cursor: Cursor?) -> Viewer? {
        guard let memory,
            let viewer = memory.viewers.remembered(AccessMemory.Place(user: user, guild: guild), seen: cursor)
        else { return nil }
        let now = time.milliseconds
        if viewer.confirmedUntil > now { return viewer }
        return memory.vouching.remembered(guild, seen: cursor).flatMap { $0 > now ? viewer : nil }
    }

    /// The account, if it has ever been reported.
    package func user(_ id: UserID) async throws -> User? {
        try await database.read { try await GuildRecords($0).user(id) }
    }

    /// What `user` may do in `guild`, as far as is known; `nil` if they are not known as a member. Ask `AccessPolicy`
    /// first where the answer must be fresh.
    package func effectivePermissions(of user: UserID, in guild: GuildID) async throws -> EffectivePermissions? {
        let now = time.milliseconds
        return try await database.read {
            try await GuildRecords($0).effectivePermissions(of: user, in: guild, now: now)
        }
    }

    /// The channels in which `viewer` can announce something with a card: those that hold messages, in which they may
    /// write, and where the bot has the permissions that a card needs.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func channelsForCards(
        of guild: GuildID, seenBy viewer: UserID, seen cursor: Cursor? = nil
    ) async throws -> [Channel] {
        if let writer = try await self.viewer(viewer, in: guild, seen: cursor),
            let channels = try await channelsForCards(of: guild, seen: cursor)
        {
            return channels.filter { writer.permissions.permissions(in: $0).contains(.sendMessages) }
        }
        let now = time.milliseconds
        return try await database.read { reading in
            let records = GuildRecords(reading)
            guard let writer = try await records.effectivePermissions(of: viewer, in: guild, now: now) else {
                return []
            }
            return try await records.channelsForCards(of: guild).channels.filter {
                writer.permissions(in: $0).contains(.sendMessages)
            }
        }
    }

    /// Those in which the bot can keep cards, whoever asks, from memory or for it.
    private func channelsForCards(of guild: GuildID, seen cursor: Cursor?) async throws -> [Channel]? {
        try await memory?.channelsForCards.value(
            for: guild, seen: cursor, about: [CommunitySubject.guild(guild), CommunitySubject.members(guild)]
        ) {
            let found = try await database.read { try await GuildRecords($0).channelsForCards(of: guild) }
            return ReadTable.Read(
                found.channels, about: found.bot.map { [CommunitySubject.user($0)] } ?? [],
                bytes: 200 + 300 * found.channels.count)
        }
    }

    /// Every guild that `user` is known to be in, by name, with or without the bot.
    package func guilds(of user: UserID) async throws -> [GuildListing] {
        let now = time.milliseconds
        return try await database.read { transaction in
            let records = GuildRecords(transaction)
            let rows = try await transaction.query(
                """
                SELECT g.id AS id, g.name AS name, g.icon_hash AS icon_hash, g.owner_id AS owner_id,
                    g.is_installed AS is_installed, m.from_gateway AS from_gateway,
                    m.reported_permissions AS reported_permissions
                FROM members m JOIN guilds g ON g.id = m.guild_id
                WHERE m.user_id = $1 ORDER BY g.name, g.id
                """, [.integer(user.number)])
            var listings: [GuildListing] = []
            for row in rows {
                let guild = try GuildRecords.guild(row)
                let isInstalled = try row["is_installed", as: Bool.self]
                // Without the bot they open nothing here: Discord decides who may add it.
                var permissions = GuildPermissions(stored: try row["reported_permissions", as: Int64.self])
                if isInstalled, let known = try await records.effectivePermissions(of: user, in: guild.id, now: now) {
                    permissions = known.permissions
                }
                let isOwner = guild.ownerID == user
                let canManage = isOwner || !permissions.isDisjoint(with: [.administrator, .manageGuild])
                listings.append(
                    GuildListing(guild: guild, isOwner: isOwner, canManage: canManage, botInstalled: isInstalled))
            }
            return listings
        }
    }
}
