import Store

/// The writes of the community layer within one transaction. Each appends the events of what it changed, or returns
/// whether it changed anything. Errors: every method throws what the database throws.
struct GuildChanges {
    let transaction: any Transaction
    let now: Int64

    init(_ transaction: any Transaction, now: Int64) {
        self.transaction = transaction
        self.now = now
    }

    var records: GuildRecords { GuildRecords(transaction) }

    /// What a write has changed of a guild, its members aside.
    enum PlaceChange {
        case nothing
        /// Something that pages show.
        case shown
        /// Also who sees which channels.
        case views
    }

    func append(_ change: PlaceChange, of guild: GuildID) async throws {
        if change == .views { try await transaction.append(AccessEvents.viewsChanged(guild)) }
        if change != .nothing { try await transaction.append(AccessEvents.updated(guild)) }
    }

    // MARK: Gateway sessions

    /// The gateway's session of the shard is this one from now on. Let go of what the former one vouched for before, see
    /// `release`.
    func start(session: String, bot: UserID, shard: Int) async throws {
        try await transaction.execute(
            """
            INSERT INTO gateway_sessions (shard, session, bot_user_id, confirmed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard) DO UPDATE SET session = excluded.session, bot_user_id = excluded.bot_user_id,
                confirmed_at = excluded.confirmed_at
            """, [.integer(Int64(shard)), .text(session), .integer(bot.number), .integer(now)])
    }

    /// The session gave a sign of life.
    func confirm(session: String, at moment: Int64) async throws {
        try await transaction.execute(
            "UPDATE gateway_sessions SET confirmed_at = $1 WHERE session = $2 AND confirmed_at < $1",
            [.integer(moment), .text(session)])
    }

    /// After too long a silence grants have run out: the members of these guilds who lost access get it back.
    func confirm(_ guilds: [GuildID], session: String, at moment: Int64) async throws {
        let confirmed = try await transaction.query(guilds.map(\.value), [.integer(moment), .text(session)]) {
            """
            UPDATE guilds SET confirmed_at = $1
            WHERE gateway_session = $2 AND confirmed_at < $1 AND id IN (\($0)) RETURNING id
            """
        }
        let ids = try confirmed.map { GuildID(try $0["id", as: Int64.self]) }
        for member in try await records.signedInMembers(of: ids, now: now) {
            try await transaction.append(AccessEvents.granted(member.user, member.guild))
        }
    }

    /// From here on no session vouches for the guilds' members. What the session before vouched for stays confirmed as of
    /// that session's last sign of life, until the snapshots of the new one arrive.
    func release(_ guilds: [GuildID]) async throws {
        try await transaction.enqueue(guilds.map(\.value)) {
            """
            UPDATE guilds SET gateway_session = NULL, confirmed_at = COALESCE(
                (SELECT s.confirmed_at FROM gateway_sessions s
                 WHERE s.session = guilds.gateway_session AND s.confirmed_at > guilds.confirmed_at), confirmed_at)
            WHERE id IN (\($0))
            """
        }
    }

    // MARK: Guilds

    /// Records that the bot is in the guilds, and what is in them, as the gateway has just reported it.
    ///
    /// A session that has not reported all members vouches for none: what the session before reported holds as of its last
    /// sign of life.
    ///
    /// - Parameter snapshots: one of each guild.
    func replace(_ snapshots: [GuildSnapshot], session: String) async throws {
        let ids = snapshots.map(\.guild.id)
        var before: [GuildID: Guild] = [:]
        var vouchedFor: Set<GuildID> = []
        for row in try await records.installedGuilds(ids, now: now) {
            let guild = try GuildRecords.guild(row)
            before[guild.id] = guild
            if try row["is_vouched_for", as: Bool.self] { vouchedFor.insert(guild.id) }
        }
        try await release(ids)
        try await transaction.upsert(
            snapshots.map { snapshot in
                let guild = snapshot.guild
                return [
                    guild.id.value, .text(guild.name), Value(guild.iconHash), Value(guild.ownerID?.number), .integer(1),
                    .text(session),
                ]
            }, into: "guilds", ["id", "name", "icon_hash", "owner_id", "is_installed", "next_session"],
            conflict: """
                (id) DO UPDATE SET name = excluded.name, icon_hash = excluded.icon_hash,
                    owner_id = excluded.owner_id, is_installed = 1, next_session = excluded.next_session
                """)
        try await vouch(for: snapshots.filter(\.membersAreComplete).map(\.guild.id))
        var changed = try await replaceRoles(snapshots)
        changed.formUnion(try await replaceChannels(snapshots))
        try await merge(
            snapshots.map { snapshot in
                MemberList(
                    guild: snapshot.guild.id, members: snapshot.members, isComplete: snapshot.membersAreComplete,
                    notifiesAll: !vouchedFor.contains(snapshot.guild.id))
            })
        for guild in snapshots.map(\.guild) {
            let change: PlaceChange =
                switch before[guild.id] {
                // Nobody sees anything of it until they are granted it.
                case nil: .shown
                case let known? where known.ownerID != guild.ownerID || changed.contains(guild.id): .views
                case guild: .nothing
                default: .shown
                }
            try await append(change, of: guild.id)
        }
    }

    /// The session that reported the guilds has reported all their members and vouches for them. Returns the guilds for
    /// which it didn't yet.
    @discardableResult
    func vouch(for guilds: [GuildID]) async throws -> [GuildID] {
        try await transaction.query(guilds.map(\.value), [.integer(now)]) {
            """
            UPDATE guilds SET gateway_session = next_session, next_session = NULL, members_complete = 1,
                confirmed_at = $1
            WHERE next_session IS NOT NULL AND id IN (\($0)) RETURNING id
            """
        }.map { GuildID(try $0["id", as: Int64.self]) }
    }

    func update(_ guild: Guild) async throws {
        guard let before = try await records.installedGuild(guild.id), before != guild else { return }
        try await transaction.execute(
            "UPDATE guilds SET name = $1, icon_hash = $2, owner_id = $3 WHERE id = $4",
            [
                .text(guild.name), Value(guild.iconHash), Value(guild.ownerID?.number),
                .integer(guild.id.number),
            ])
        try await append(before.ownerID == guild.ownerID ? .shown : .views, of: guild.id)
    }

    /// Removes the members whom only the gateway reported. Signed-in members keep their membership for as long as one
    /// reported by a sign-in holds, so that the guild stays in their list as one to install the bot in.
    func uninstall(_ guild: GuildID) async throws {
        let changed = try await transaction.execute(
            """
            UPDATE guilds SET is_installed = 0, gateway_session = NULL, next_session = NULL, members_complete = 0
            WHERE id = $1 AND is_installed = 1
            """, [.integer(guild.number)])
        guard changed > 0 else { return }
        try await append(.shown, of: guild)
        try await transaction.append(MemberEvents.replaced(in: guild))
        for user in try await records.signedInMembers(of: [guild], now: now).map(\.user) {
            guard let row = try await records.memberRow(user, of: guild) else { continue }
            let member = try GuildRecords.member(row)
            if try row["from_gateway", as: Bool.self] {
                let place = try await records.anyGuild(guild)
                let roles = try await records.roles(of: guild)
                let permissions = place.map {
                    GuildPermissions.base(of: user, having: member.roles, in: $0, roles: roles)
                }
                try await transaction.execute(
                    """
                    UPDATE members SET from_gateway = 0, roles = '', nickname = NULL, timed_out_until = NULL,
                        reported_permissions = $1, last_confirmed = $2
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
}
