package import Store

/// Reads the community's rows within a read or transaction that a use case has opened, so that a decision and the change
/// that rests on it see the same state. Errors: every method throws what the database throws.
package struct GuildRecords {
    let reading: any Reading

    /// - Parameter reading: an open read or transaction.
    package init(_ reading: any Reading) { self.reading = reading }

    /// The guilds that `user` is known to be a member of, certain or not, with the bot or without it.
    func guilds(of user: UserID) async throws -> Set<GuildID> {
        let rows = try await reading.query(
            "SELECT guild_id FROM members WHERE user_id = $1", [.integer(user.number)])
        return Set(try rows.map { GuildID(try $0["guild_id", as: Int64.self]) })
    }

    /// The guild if the bot is in it.
    package func installedGuild(_ id: GuildID) async throws -> Guild? {
        let rows = try await reading.query(
            "SELECT id, name, icon_hash, owner_id FROM guilds WHERE id = $1 AND is_installed = 1", [.integer(id.number)]
        )
        return try rows.first.map(Self.guild)
    }

    /// The guild whether or not the bot is in it.
    func anyGuild(_ id: GuildID) async throws -> Guild? {
        let rows = try await reading.query(
            "SELECT id, name, icon_hash, owner_id FROM guilds WHERE id = $1", [.integer(id.number)])
        return try rows.first.map(Self.guild)
    }

    /// The channel, if the gateway has reported it.
    package func channel(_ id: ChannelID) async throws -> Channel? {
        let rows = try await reading.query(
            "SELECT id, guild_id, name, type, position, parent_id, overwrites FROM channels WHERE id = $1",
            [.integer(id.number)])
        return try rows.first.map(Self.channel)
    }

    /// The columns that `channel(_:)` reads, of a table or join that is called so.
    package static func channelColumns(of table: String) -> String {
        ["id", "guild_id", "name", "type", "position", "parent_id", "overwrites"]
            .map { "\(table).\($0) AS \($0)" }.joined(separator: ", ")
    }

    /// The channel whose identifier a query selects, to be asked together with something else.
    package static func channel(selectedBy query: Statement) -> Lookup<Channel?> {
        let sql =
            "SELECT id, guild_id, name, type, position, parent_id, overwrites FROM channels WHERE id = (\(query.sql))"
        return Lookup([Statement(sql, query.values)]) { try $0[0].first.map(Self.channel) }
    }

    /// The guild's channels in the order in which Discord's clients show them within their kind.
    package func channels(of guild: GuildID) async throws -> [Channel] { try await channels(of: [guild]) }

    func channels(of guilds: [GuildID]) async throws -> [Channel] {
        try await reading.query(guilds.map(\.value)) {
            """
            SELECT id, guild_id, name, type, position, parent_id, overwrites FROM channels WHERE guild_id IN (\($0))
            ORDER BY position, id
            """
        }.map(Self.channel)
    }

    private static func channels(of guild: GuildID) -> Lookup<[Channel]> {
        let statement = Statement(
            "SELECT id, guild_id, name, type, position, parent_id, overwrites FROM channels WHERE guild_id = $1",
            [.integer(guild.number)])
        return Lookup([statement]) { try $0[0].map(Self.channel) }
    }

    /// Of what in these guilds `user` may know, asked for together; nothing of those where they aren't known as a member.
    func views(of user: UserID, in guilds: [GuildID], now: Int64) async throws -> [GuildID: GuildView] {
        let lookup = guilds.reduce(Lookup<[GuildID: GuildView]>([]) { _ in [:] }) { before, guild in
            before.and(Self.permissions(of: user, in: guild, now: now).and(Self.channels(of: guild))).map {
                views, found in
                guard let (permissions, certainty) = found.0 else { return views }
                var views = views
                views[guild] = GuildView(permissions, certainty, channels: found.1, now: now)
                return views
            }
        }
        return try await reading.look(up: lookup)
    }

    /// The role, if the gateway has reported it.
    func role(_ id: RoleID) async throws -> Role? {
        try await reading.query(
            "SELECT id, guild_id, name, color, position, permissions, is_managed FROM roles WHERE id = $1",
            [.integer(id.number)]
        ).first.map(Self.role)
    }

    /// The guild's roles, highest first.
    package func roles(of guild: GuildID) async throws -> [Role] { try await roles(of: [guild]) }

    private static func roleRows(of guild: GuildID) -> Statement {
        Statement(
            """
            SELECT id, guild_id, name, color, position, permissions, is_managed FROM roles WHERE guild_id = $1
            ORDER BY position DESC, id
            """, [.integer(guild.number)])
    }

    func roles(of guilds: [GuildID]) async throws -> [Role] {
        try await reading.query(guilds.map(\.value)) {
            """
            SELECT id, guild_id, name, color, position, permissions, is_managed FROM roles WHERE guild_id IN (\($0))
            ORDER BY position DESC, id
            """
        }.map(Self.role)
    }

    /// The account, if it has ever been reported.
    package func user(_ id: UserID) async throws -> User? {
        let rows = try await reading.query(
            "SELECT id, username, global_name, avatar_hash, is_bot FROM users WHERE id = $1", [.integer(id.number)])
        return try rows.first.map(Self.user)
    }

    /// The member as last reported, whether or not that is still certain.
    package func member(_ user: UserID, of guild: GuildID) async throws -> Member? {
        try await memberRow(user, of: guild).map(Self.member)
    }

    /// What `user` may do in a guild that the bot is in; `nil` if they are not known as a member.
    ///
    /// - Parameter now: roles that are no longer certain at this time count as unknown, and permissions that a sign-in reported
    ///   too long ago as none; `nil` to use them however old they are.
    package func effectivePermissions(of user: UserID, in guild: GuildID, now: Int64?) async throws
        -> EffectivePermissions?
    {
        try await permissions(of: user, in: guild, now: now)?.permissions
    }

    /// The same if the roles are certain, and how certain.
    func certainPermissions(
        of user: UserID, in guild: GuildID, now: Int64
    ) async throws -> (permissions: EffectivePermissions, certainty: Certainty)? {
        guard let found = try await permissions(of: user, in: guild, now: now), found.permissions.rolesAreKnown else {
            return nil
        }
        return found
    }

    private func permissions(of user: UserID, in guild: GuildID, now: Int64?) async throws
        -> (permissions: EffectivePermissions, certainty: Certainty)?
    {
        try await reading.look(up: Self.permissions(of: user, in: guild, now: now))
    }

    /// `effectivePermissions(of:in:now:)`, to be asked together with something else.
    package static func effectivePermissions(
        of user: UserID, in guild: GuildID, now: Int64?
    ) -> Lookup<EffectivePermissions?> {
        permissions(of: user, in: guild, now: now).map { $0?.permissions }
    }

    static func permissions(
        of user: UserID, in guild: GuildID, now: Int64?
    ) -> Lookup<(permissions: EffectivePermissions, certainty: Certainty)?> {
        let members = Statement(
            """
            SELECT \(memberColumns), \(Certainty.guildColumns), g.name AS guild_name, g.icon_hash AS guild_icon_hash,
                g.owner_id AS guild_owner_id
            FROM \(Certainty.memberTables) JOIN users u ON u.id = m.user_id
            WHERE m.guild_id = $1 AND m.user_id = $2 AND g.is_installed = 1
            """, [.integer(guild.number), .integer(user.number)])
        return Lookup([members, roleRows(of: guild)]) { results in
            guard let row = results[0].first else { return nil }
            let guild = Guild(
                id: guild, name: try row["guild_name", as: String.self], iconHash: try row["guild_icon_hash"],
                ownerID: try row["guild_owner_id", as: Int64?.self].map { UserID($0) })
            let member = try Self.member(row)
            let certainty = try Certainty(member: row, guild: row)
            let rolesAreKnown = now.map { certainty.rolesUntil > $0 } ?? certainty.rolesAreReported
            var permissions: GuildPermissions
            if rolesAreKnown {
                permissions = GuildPermissions.base(
                    of: user, having: member.roles, in: guild, roles: try results[1].map(Self.role))
            } else {
                let areCurrent = now.map { certainty.reportedPermissionsUntil > $0 } ?? true
                permissions =
                    areCurrent ? GuildPermissions(stored: try row["reported_permissions", as: Int64.self]) : []
                if guild.ownerID == user || permissions.contains(.administrator) { permissions = .all }
            }
            return (
                EffectivePermissions(
                    guild: guild, member: member, permissions: permissions, rolesAreKnown: rolesAreKnown), certainty
            )
        }
    }

    /// What the bot itself may do in a guild that it is in, as last reported: Discord has the last word.
    package func effectivePermissionsOfBot(in guild: GuildID) async throws -> EffectivePermissions? {
        guard let bot = try await bot() else { return nil }
        return try await effectivePermissions(of: bot, in: guild, now: nil)
    }

    private func bot() async throws -> UserID? {
        try await reading.query("SELECT bot_user_id FROM gateway_sessions ORDER BY confirmed_at DESC LIMIT 1").first.map
        {
            UserID(try $0["bot_user_id", as: Int64.self])
        }
    }

    /// The channels in which the bot can keep cards, and the bot.
    func channelsForCards(of guild: GuildID) async throws -> (channels: [Channel], bot: UserID?) {
        guard let bot = try await bot(), let permissions = try await effectivePermissions(of: bot, in: guild, now: nil)
        else { return ([], nil) }
        let channels = try await channels(of: guild).filter {
            $0.holdsMessages && permissions.permissions(in: $0).isSuperset(of: .neededForCards)
        }
        return (channels, bot)
    }

    /// SQL for the name that a guild shows for a user, to be added to a query of other rows: a column, and the joins that it
    /// needs. It's NULL for accounts that were never reported or have been removed.
    ///
    /// - Parameters:
    ///   - user, guild: columns of the query that hold their identifiers.
    ///   - name: of the column.
    package static func displayName(
        of user: String, in guild: String, as name: String
    ) -> (column: String, joins: String) {
        (
            "COALESCE(m_\(name).nickname, u_\(name).global_name, u_\(name).username) AS \(name)",
            """
            LEFT JOIN users u_\(name) ON u_\(name).id = \(user)
            LEFT JOIN members m_\(name) ON m_\(name).user_id = \(user) AND m_\(name).guild_id = \(guild)
            """
        )
    }

    /// Those of `users` who are not members of the guild: they are shown with the names of their accounts.
    package func strangers(among users: Set<UserID>, in guild: GuildID) async throws -> Set<UserID> {
        var strangers = users
        let all = Array(users)
        for start in stride(from: 0, to: all.count, by: 200) {
            let part = all[start..<min(start + 200, all.count)]
            let marks = (2..<(2 + part.count)).map { "$\($0)" }.joined(separator: ", ")
            let rows = try await reading.query(
                "SELECT user_id FROM members WHERE guild_id = $1 AND user_id IN (\(marks))",
                [.integer(guild.number)] + part.map { .integer($0.number) })
            for row in rows { strangers.remove(UserID(try row["user_id", as: Int64.self])) }
        }
        return strangers
    }

    func memberRow(_ user: UserID, of guild: GuildID) async throws -> Row? {
        try await reading.query([Self.memberRow(user, of: guild)])[0].first
    }

    private static func memberRow(_ user: UserID, of guild: GuildID) -> Statement {
        Statement(
            """
            SELECT \(memberColumns) FROM members m JOIN users u ON u.id = m.user_id
            WHERE m.guild_id = $1 AND m.user_id = $2
            """, [.integer(guild.number), .integer(user.number)])
    }

    static let memberColumns = """
        m.guild_id AS guild_id, m.nickname AS nickname, m.roles AS roles, m.joined_at AS joined_at,
        m.timed_out_until AS timed_out_until, m.reported_permissions AS reported_permissions,
        \(Certainty.memberColumns), u.id AS id, u.username AS username, u.global_name AS global_name,
        u.avatar_hash AS avatar_hash, u.is_bot AS is_bot
        """
}
