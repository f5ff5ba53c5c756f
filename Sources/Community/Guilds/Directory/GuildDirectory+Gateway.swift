import Core
import Store

/// What the bot's gateway reports, by event.
extension GuildDirectory {
    /// How many guilds one transaction lets go of or confirms.
    private static let guildsAtATime = ManyRows.limit
    /// How many members one transaction writes: so few that others who wait for it don't notice.
    private static let membersAtATime = ManyRows.limit

    /// READY: a new gateway session knows these guilds. The bot left this shard's other guilds while it was not connected;
    /// what is known of the listed ones counts as confirmed again once their snapshots arrive.
    package func gatewayStarted(
        session: String, bot: User, guilds: Set<GuildID>, shard: Int = 0, shardCount: Int = 1
    ) async throws {
        let former = try await guildIDs(
            "gateway_session = (SELECT session FROM gateway_sessions WHERE shard = $1)", [.integer(Int64(shard))])
        for part in ManyRows.parts(former, of: Self.guildsAtATime) {
            try await change(part) { try await $0.release(part) }
        }
        try await change { changes in
            try await changes.upsert(bot)
            try await changes.start(session: session, bot: bot.id, shard: shard)
        }
        let shards = Int64(max(1, shardCount))
        for guild in try await guildIDs("is_installed = 1")
        where (guild.number >> 22) % shards == Int64(shard) && !guilds.contains(guild) {
            try await uninstall(guild)
        }
    }

    /// The gateway session was alive, and what it had reported by then is recorded: call after RESUMED and at each
    /// acknowledged heartbeat. While these calls come more often than every 300 s, memberships that the gateway reported need
    /// no other confirmation.
    ///
    /// - Parameter moment: as of when, in milliseconds since 1970. News that waited vouches for no longer than if it had
    ///   been recorded at once: a removal may still wait behind it.
    package func gatewayConfirmed(session: String, at moment: Int64) async throws {
        let now = time.milliseconds
        // The time of day may have been set back meanwhile.
        let moment = min(moment, now)
        let before = try await database.read { reading in
            try await reading.query(
                "SELECT confirmed_at FROM gateway_sessions WHERE session = $1", [.text(session)]
            ).first.map { try $0["confirmed_at", as: Int64.self] }
        }
        guard let before, before < moment else { return }
        if !Certainty.holds(before, at: now), Certainty.holds(moment, at: now) {
            // The end of a silence. Should the process end on the way, the next session finds the other guilds silent still.
            let guilds = try await guildIDs("is_installed = 1 AND gateway_session = $1", [.text(session)])
            for part in ManyRows.parts(guilds, of: Self.guildsAtATime) {
                try await change(part) { try await $0.confirm(part, session: session, at: moment) }
            }
        }
        try await change { try await $0.confirm(session: session, at: moment) }
    }

    /// GUILD_CREATE: replaces what was known of the guild.
    package func replace(_ snapshot: GuildSnapshot, session: String) async throws {
        try await replace([snapshot], session: session)
    }

    /// The same for several guilds in one transaction: choose few enough that others needn't wait for long. The members of
    /// large guilds are written in parts.
    ///
    /// - Parameter snapshots: if one guild has several, the last one holds.
    package func replace(_ snapshots: [GuildSnapshot], session: String) async throws {
        let latest = Dictionary(snapshots.map { ($0.guild.id, $0) }) { _, last in last }
        let large = latest.values.filter { $0.members.count > Self.membersAtATime }
        var small = latest
        for snapshot in large {
            small[snapshot.guild.id]?.members = []
            small[snapshot.guild.id]?.membersAreComplete = false
        }
        let ordered = small.keys.sorted().compactMap { small[$0] }
        try await change(ordered.map(\.guild.id)) { try await $0.replace(ordered, session: session) }
        for snapshot in large {
            try await merge(snapshot.members, of: snapshot.guild.id)
            guard snapshot.membersAreComplete else { continue }
            try await completeMembers(Set(snapshot.members.map(\.user.id)), of: snapshot.guild.id)
        }
    }

    /// GUILD_UPDATE.
    package func update(_ guild: Guild) async throws {
        try await change([guild.id]) { try await $0.update(guild) }
    }

    /// GUILD_DELETE without `unavailable`: the bot is no longer in the guild. Its members lose access.
    package func uninstall(_ guild: GuildID) async throws {
        try await change([guild]) { try await $0.uninstall(guild) }
    }

    /// CHANNEL_CREATE and CHANNEL_UPDATE.
    package func upsert(_ channel: Channel) async throws {
        try await change([channel.guildID]) { try await $0.upsert(channel) }
    }

    /// CHANNEL_DELETE.
    package func remove(_ channel: ChannelID, from guild: GuildID) async throws {
        try await change([guild]) { try await $0.remove(channel, from: guild) }
    }

    /// GUILD_ROLE_CREATE and GUILD_ROLE_UPDATE.
    package func upsert(_ role: Role) async throws {
        try await change([role.guildID]) { try await $0.upsert(role) }
    }

    /// GUILD_ROLE_DELETE.
    package func remove(_ role: RoleID, from guild: GuildID) async throws {
        try await change([guild]) { try await $0.remove(role, from: guild) }
    }

    /// GUILD_MEMBER_ADD and GUILD_MEMBER_UPDATE. Nothing is written about a member who is known as they are while the gateway
    /// vouches for the guild.
    package func upsert(_ member: Member) async throws {
        let now = time.milliseconds
        let isKnown = try await database.read { reading in
            try await GuildRecords(reading).isVouchedFor(member, now: now)
        }
        if !isKnown { try await change([member.guildID], [member.user.id]) { try await $0.upsert(member) } }
    }

    /// GUILD_MEMBERS_CHUNK: a part of the members, written in smaller ones. Nobody is removed.
    package func merge(_ members: [Member], of guild: GuildID) async throws {
        for part in ManyRows.parts(members, of: Self.membersAtATime) {
            try await change([guild]) { changes in
                try await changes.merge([
                    GuildChanges.MemberList(guild: guild, members: part, isComplete: false, notifiesAll: false)
                ])
            }
        }
    }

    /// All chunks have arrived: these are all the members there are.
    ///
    /// - Returns: `false` if one of them has been removed meanwhile, because they could not be confirmed while the list was
    ///   on its way: then the list must be requested again.
    @discardableResult
    package func completeMembers(_ members: Set<UserID>, of guild: GuildID) async throws -> Bool {
        try await change([guild]) { try await $0.completeMembers(members, of: guild) }
    }

    /// GUILD_MEMBER_REMOVE: left, kicked or banned.
    package func remove(_ user: UserID, from guild: GuildID) async throws {
        try await change([guild]) { try await $0.remove(user, from: guild) }
        await cache?.forget([.memberships(user)])
    }

    /// USER_UPDATE, or a user mentioned by another event.
    package func upsert(_ user: User) async throws {
        try await change([], [user.id]) { try await $0.upsert(user) }
    }

    /// The guilds for which the condition holds, by number.
    private func guildIDs(_ condition: String, _ values: [Value] = []) async throws -> [GuildID] {
        try await database.read { reading in
            try await reading.query("SELECT id FROM guilds WHERE \(condition) ORDER BY id", values)
        }.map { GuildID(try $0["id", as: Int64.self]) }
    }

    /// - Parameters:
    ///   - guilds: those that are changed.
    ///   - users: those whose account is, which guilds show.
    private func change<Result: Sendable>(
        _ guilds: [GuildID] = [], _ users: [UserID] = [], _ body: @Sendable (GuildChanges) async throws -> Result
    ) async throws -> Result {
        let now = time.milliseconds
        // What is not about a guild is a row or two that only the leading bot writes.
        let locks = guilds.map { Lock.exclusive("guild", $0) } + users.map { .exclusive("user", $0) }
        return try await database.transaction(locking: Sessions.unchanged + locks) {
            try await body(GuildChanges($0, now: now))
        }
    }
}
