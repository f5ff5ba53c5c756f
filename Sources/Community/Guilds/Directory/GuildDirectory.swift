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

    /// - Parameter cache: entries about a user are removed from it at once when they leave a guild.
    package init(database: any Database, cache: AccessCache? = nil, time: TimeSource = .system) {
        self.database = database
        self.cache = cache
        self.time = time
    }

    /// The guild's roles, highest first.
    package func roles(of guild: GuildID) async throws -> [Role] {
        try await database.read { try await GuildRecords($0).roles(of: guild) }
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
    package func channelsForCards(of guild: GuildID, seenBy viewer: UserID) async throws -> [Channel] {
        let now = time.milliseconds
        return try await database.read { transaction in
            let records = GuildRecords(transaction)
            guard let writer = try await records.effectivePermissions(of: viewer, in: guild, now: now),
                let bot = try await records.effectivePermissionsOfBot(in: guild)
            else { return [] }
            return try await records.channels(of: guild).filter { channel in
                channel.holdsMessages && writer.permissions(in: channel).contains(.sendMessages)
                    && bot.permissions(in: channel).isSuperset(of: .neededForCards)
            }
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
