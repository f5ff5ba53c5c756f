import Core
import Store

extension GuildChanges {
    func upsert(_ user: User) async throws { try await upsert([user]) }

    /// Writes those that differ. In order of their numbers, so that transactions that write the same users don't wait for
    /// one another in a circle.
    private func upsert(_ users: [User]) async throws {
        var wanted = Dictionary(users.map { ($0.id, $0) }) { _, last in last }
        let rows = try await transaction.query(wanted.keys.sorted().map(\.value)) {
            "SELECT id, username, global_name, avatar_hash, is_bot FROM users WHERE id IN (\($0))"
        }
        var renamed: [UserID] = []
        for row in rows {
            let known = try GuildRecords.user(row)
            if let user = wanted[known.id], user.displayName != known.displayName { renamed.append(user.id) }
            if wanted[known.id] == known { wanted[known.id] = nil }
        }
        try await transaction.upsert(
            wanted.values.sorted { $0.id < $1.id }.map { user in
                [
                    user.id.value, .text(user.username), Value(user.globalName), Value(user.avatarHash),
                    .integer(user.isBot ? 1 : 0),
                ]
            }, into: "users", ["id", "username", "global_name", "avatar_hash", "is_bot"],
            conflict: """
                (id) DO UPDATE SET username = excluded.username, global_name = excluded.global_name,
                    avatar_hash = excluded.avatar_hash, is_bot = excluded.is_bot
                """)
        try await appendRenamed(renamed.sorted())
    }

    /// Wherever an account is a member it may be shown with another name now, and wherever it was one it is.
    private func appendRenamed(_ users: [UserID]) async throws {
        for user in users { try await transaction.append(MemberEvents.renamed(user)) }
        let rows = try await transaction.query(users.map(\.value)) {
            """
            SELECT DISTINCT m.guild_id AS id FROM members m JOIN guilds g ON g.id = m.guild_id
            WHERE g.is_installed = 1 AND m.user_id IN (\($0))
            """
        }
        for guild in Set(try rows.map { GuildID(try $0["id", as: Int64.self]) }).sorted() {
            try await transaction.append(MemberEvents.renamed(in: guild))
        }
    }

    /// - Parameter members: each once.
    private func write(_ members: [Member]) async throws {
        try await transaction.upsert(
            members.map { member in
                [
                    member.guildID.value, member.user.id.value, Value(member.nickname),
                    .text(GuildRecords.encoded(member.roles)), Value(member.joinedAt), Value(member.timedOutUntil),
                    .integer(1), .integer(now), .integer(now),
                ]
            },
            into: "members",
            [
                "guild_id", "user_id", "nickname", "roles", "joined_at", "timed_out_until", "from_gateway",
                "last_confirmed", "roles_confirmed",
            ],
            conflict: """
                (guild_id, user_id) DO UPDATE SET nickname = excluded.nickname, roles = excluded.roles,
                    joined_at = excluded.joined_at, timed_out_until = excluded.timed_out_until, from_gateway = 1,
                    last_confirmed = excluded.last_confirmed, roles_confirmed = excluded.roles_confirmed
                """)
    }

    /// Ignores members of a guild that the bot is not in: such an event is late. For a known member it confirms the
    /// membership, which matters where the gateway doesn't vouch for all: they may have been refused.
    func upsert(_ member: Member) async throws {
        guard try await records.installedGuild(member.guildID) != nil else { return }
        let row = try await records.memberRow(member.user.id, of: member.guildID)
        let before = try row.map(GuildRecords.member)
        let certainty = try await records.memberships(of: member.user.id, in: member.guildID).list.first?.certainty
        // With other roles they see other channels, as with roles that weren't certain.
        let seesTheSame = certainty.map { $0.membershipUntil > now && $0.rolesUntil > now } ?? false
        if before?.user != member.user { try await upsert(member.user) }
        if let row, before == member, try row["from_gateway", as: Bool.self] {
            let (membership, roles) = (
                try row["last_confirmed", as: Int64.self], try row["roles_confirmed", as: Int64.self]
            )
            try await confirm(member, lastConfirmed: min(membership, roles))
        } else {
            try await write([member])
            if before?.nickname != member.nickname {
                try await transaction.append(MemberEvents.renamed(in: member.guildID))
            }
        }
        if !seesTheSame || before?.roles != member.roles {
            try await transaction.append(AccessEvents.granted(member.user.id, member.guildID))
        }
        if let before, before.roles != member.roles {
            try await transaction.append(AccessEvents.updated(member.guildID, for: member.user.id))
        }
    }

    /// Recorded only when half of the last confirmation's time is over, so that a busy member costs few writes.
    private func confirm(_ member: Member, lastConfirmed: Int64) async throws {
        guard now - lastConfirmed >= (Certainty.lifetime / 2).milliseconds else { return }
        try await transaction.execute(
            "UPDATE members SET last_confirmed = $1, roles_confirmed = $2 WHERE guild_id = $3 AND user_id = $4",
            [.integer(now), .integer(now), .integer(member.guildID.number), .integer(member.user.id.number)])
    }

    func remove(_ user: UserID, from guild: GuildID) async throws {
        let removed = try await transaction.execute(
            "DELETE FROM members WHERE guild_id = $1 AND user_id = $2", [.integer(guild.number), .integer(user.number)])
        guard removed > 0 else { return }
        try await transaction.append(AccessEvents.revoked(user, guild))
        // They're shown with the name of their account from now on.
        try await transaction.append(MemberEvents.renamed(in: guild))
    }

    /// What the gateway reported of the members of one guild.
    struct MemberList {
        let guild: GuildID
        let members: [Member]
        /// Whether these are all members that the guild has.
        let isComplete: Bool
        /// Nobody had access to the guild until now, so those who stayed get an event as well.
        let notifiesAll: Bool
    }

    /// Writes only what differs. Appends events for those signed-in members who came, whose membership is certain again, or
    /// who left; see `signedInMembers(of:)`.
    ///
    /// - Parameter lists: one of each guild.
    func merge(_ lists: [MemberList]) async throws {
        let installed = Set(
            try await records.installedGuilds(lists.map(\.guild), now: now).map {
                GuildID(try $0["id", as: Int64.self])
            })
        let lists = lists.filter { installed.contains($0.guild) && ($0.isComplete || !$0.members.isEmpty) }
        guard !lists.isEmpty else { return }
        let guilds = lists.map(\.guild)
        let known = try await knownMembers(lists)
        let before = try await records.signedInMembers(of: guilds, now: now)
        let signedIn = Set(before.map(\.membership))
        var users: [User] = []
        var changed: [Membership: Member] = [:]
        for list in lists {
            for member in list.members where member.guildID == list.guild {
                let before = known[Membership(member)]
                if before?.member.user != member.user { users.append(member.user) }
                if before?.member != member || before?.fromGateway != true { changed[Membership(member)] = member }
            }
        }
        // The same account may be known from another guild.
        try await upsert(users)
        try await write(changed.keys.sorted().compactMap { changed[$0] })
        for (membership, member) in changed.sorted(by: { $0.key < $1.key }) {
            if let before = known[membership], before.member.roles != member.roles, signedIn.contains(membership) {
                try await transaction.append(AccessEvents.granted(membership.user, membership.guild))
                try await transaction.append(AccessEvents.updated(membership.guild, for: membership.user))
            }
        }
        for guild in Set(changed.keys.map(\.guild)).sorted() {
            try await transaction.append(MemberEvents.replaced(in: guild))
        }
        for list in lists where list.isComplete {
            let present = Set(list.members.map(\.user.id))
            let gone = known.keys.filter { $0.guild == list.guild && !present.contains($0.user) }
            try await remove(gone.map(\.user).sorted(), from: list.guild, signedIn)
        }
        let certain = Set(before.filter(\.isCertain).map(\.membership))
        let reported = Set(lists.flatMap(\.members).map { Membership($0) })
        let notified = Set(lists.filter(\.notifiesAll).map(\.guild))
        for member in try await records.signedInMembers(of: guilds, now: now) {
            let isNew = member.isCertain && !certain.contains(member.membership)
            if notified.contains(member.guild) || isNew && reported.contains(member.membership) {
                try await transaction.append(AccessEvents.granted(member.user, member.guild))
            }
        }
    }

    /// What is known of the lists' members: of a part of a list, of its own members only.
    private func knownMembers(
        _ lists: [MemberList]
    ) async throws -> [Membership: (member: Member, fromGateway: Bool)] {
        var rows: [Row] = []
        let select = "SELECT \(GuildRecords.memberColumns) FROM members m JOIN users u ON u.id = m.user_id"
        rows += try await transaction.query(lists.filter(\.isComplete).map(\.guild.value)) {
            "\(select) WHERE m.guild_id IN (\($0))"
        }
        for list in lists where !list.isComplete {
            rows += try await transaction.query(list.members.map(\.user.id.value), [list.guild.value]) {
                "\(select) WHERE m.guild_id = $1 AND m.user_id IN (\($0))"
            }
        }
        var known: [Membership: (member: Member, fromGateway: Bool)] = [:]
        for row in rows {
            let member = try GuildRecords.member(row)
            known[Membership(member)] = (member, try row["from_gateway", as: Bool.self])
        }
        return known
    }

    /// - Returns: `false`, and changes nothing, if one of them has been removed since their part of the list came.
    func completeMembers(_ members: Set<UserID>, of guild: GuildID) async throws -> Bool {
        guard try await records.installedGuild(guild) != nil else { return true }
        let known = try await transaction.query(
            "SELECT user_id FROM members WHERE guild_id = $1", [.integer(guild.number)]
        ).map { UserID(try $0["user_id", as: Int64.self]) }
        guard members.isSubset(of: known) else { return false }
        let signedIn = try await records.signedInMembers(of: [guild], now: now)
        try await remove(
            known.filter { !members.contains($0) }.sorted(), from: guild, Set(signedIn.map(\.membership)))
        let wasConfirmed = try await records.gatewayVouches(for: guild, now: now)
        guard try await !vouch(for: [guild]).isEmpty, !wasConfirmed else { return true }
        for member in signedIn where members.contains(member.user) {
            try await transaction.append(AccessEvents.granted(member.user, guild))
        }
        return true
    }

    private func remove(_ users: [UserID], from guild: GuildID, _ signedIn: Set<Membership>) async throws {
        try await transaction.enqueue(users.map(\.value), [guild.value]) {
            "DELETE FROM members WHERE guild_id = $1 AND user_id IN (\($0))"
        }
        for user in users where signedIn.contains(Membership(guild: guild, user: user)) {
            try await transaction.append(AccessEvents.revoked(user, guild))
        }
        if !users.isEmpty { try await transaction.append(MemberEvents.replaced(in: guild)) }
    }
}

/// One user in one guild.
struct Membership: Hashable, Comparable {
    let guild: GuildID
    let user: UserID

    init(guild: GuildID, user: UserID) {
        self.guild = guild
        self.user = user
    }

    init(_ member: Member) { self.init(guild: member.guildID, user: member.user.id) }

    static func < (left: Membership, right: Membership) -> Bool {
        (left.guild, left.user) < (right.guild, right.user)
    }
}
