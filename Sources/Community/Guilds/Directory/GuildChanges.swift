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

    func appendUpdated(_ guild: GuildID) async throws {
        try await transaction.append(AccessEvents.updated(guild))
    }

    // MARK: Gateway sessions

    /// What the shard's former session vouched for stays confirmed as of that session's last sign of life, until the
    /// snapshots of the new one arrive.
    func start(session: String, bot: UserID, shard: Int) async throws {
        let former = try await transaction.query(
            """
            SELECT id FROM guilds WHERE gateway_session = (SELECT session FROM gateway_sessions WHERE shard = $1)
            """, [.integer(Int64(shard))])
        for row in former { try await release(GuildID(try row["id", as: Int64.self])) }
        try await transaction.execute(
            """
            INSERT INTO gateway_sessions (shard, session, bot_user_id, confirmed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard) DO UPDATE SET session = excluded.session, bot_user_id = excluded.bot_user_id,
                confirmed_at = excluded.confirmed_at
            """, [.integer(Int64(shard)), .text(session), .integer(bot.number), .integer(now)])
    }

    func confirm(session: String) async throws {
        let before = try await transaction.query(
            "SELECT confirmed_at FROM gateway_sessions WHERE session = $1", [.text(session)]
        ).first.map { try $0["confirmed_at", as: Int64.self] }
        guard let before, before < now else { return }
        try await transaction.execute(
            "UPDATE gateway_sessions SET confirmed_at = $1 WHERE session = $2", [.integer(now), .text(session)])
        // After too long a silence grants have run out: the members who lost access get it back.
        guard !Certainty.holds(before, at: now) else { return }
        let guilds = try await transaction.query(
            "SELECT id FROM guilds WHERE is_installed = 1 AND gateway_session = $1 ORDER BY id", [.text(session)])
        for row in guilds {
            let guild = GuildID(try row["id", as: Int64.self])
            for user in try await records.signedInMembers(of: guild, now: now) {
                try await transaction.append(AccessEvents.granted(user, guild))
            }
        }
    }

    func installedGuilds() async throws -> [GuildID] {
        try await transaction.query("SELECT id FROM guilds WHERE is_installed = 1 ORDER BY id", []).map {
            GuildID(try $0["id", as: Int64.self])
        }
    }

    // MARK: Guilds

    /// Records that the bot is in the guild. Returns what was there before: the guild if the bot was in it, and whether the
    /// gateway vouched for it.
    ///
    /// A session that has not reported all members vouches for none: what the session before reported holds as of its last
    /// sign of life.
    func install(
        _ guild: Guild, session: String, membersAreComplete: Bool
    ) async throws -> (guild: Guild?, wasConfirmed: Bool) {
        let before = try await records.installedGuild(guild.id)
        let wasConfirmed = try await records.gatewayVouches(for: guild.id, now: now)
        try await release(guild.id)
        try await transaction.execute(
            """
            INSERT INTO guilds (id, name, icon_hash, owner_id, is_installed, next_session)
            VALUES ($1, $2, $3, $4, 1, $5)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, icon_hash = excluded.icon_hash,
                owner_id = excluded.owner_id, is_installed = 1, next_session = excluded.next_session
            """,
            [
                .integer(guild.id.number), .text(guild.name), Value(guild.iconHash), Value(guild.ownerID?.number),
                .text(session),
            ])
        if membersAreComplete { try await vouch(for: guild.id) }
        return (before, before != nil && wasConfirmed)
    }

    /// From here on no session vouches for the guild's members.
    private func release(_ guild: GuildID) async throws {
        try await transaction.execute(
            """
            UPDATE guilds SET gateway_session = NULL, confirmed_at = COALESCE(
                (SELECT s.confirmed_at FROM gateway_sessions s
                 WHERE s.session = guilds.gateway_session AND s.confirmed_at > guilds.confirmed_at), confirmed_at)
            WHERE id = $1
            """, [.integer(guild.number)])
    }

    /// The session that reported the guild has reported all its members and vouches for them. Returns `false` if it did
    /// already.
    @discardableResult
    func vouch(for guild: GuildID) async throws -> Bool {
        try await transaction.execute(
            """
            UPDATE guilds SET gateway_session = next_session, next_session = NULL, members_complete = 1,
                confirmed_at = $1
            WHERE id = $2 AND next_session IS NOT NULL
            """, [.integer(now), .integer(guild.number)]) > 0
    }

    func update(_ guild: Guild) async throws -> Bool {
        guard let before = try await records.installedGuild(guild.id), before != guild else { return false }
        try await transaction.execute(
            "UPDATE guilds SET name = $1, icon_hash = $2, owner_id = $3 WHERE id = $4",
            [
                .text(guild.name), Value(guild.iconHash), Value(guild.ownerID?.number),
                .integer(guild.id.number),
            ])
        return true
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
        try await appendUpdated(guild)
        let watchers = try await records.signedInMembers(of: guild, now: now)
        for user in watchers {
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
