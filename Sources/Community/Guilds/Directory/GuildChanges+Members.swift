import Core
import Store

extension GuildChanges {
    func upsert(_ user: User) async throws {
        guard try await records.user(user.id) != user else { return }
        try await write(user)
    }

    private func write(_ user: User) async throws {
        try await transaction.execute(
            """
            INSERT INTO users (id, username, global_name, avatar_hash, is_bot) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (id) DO UPDATE SET username = excluded.username, global_name = excluded.global_name,
                avatar_hash = excluded.avatar_hash, is_bot = excluded.is_bot
            """,
            [
                .integer(user.id.number), .text(user.username), Value(user.globalName),
                Value(user.avatarHash), .integer(user.isBot ? 1 : 0),
            ])
    }

    private func write(_ member: Member) async throws {
        try await transaction.execute(
            """
            INSERT INTO members (guild_id, user_id, nickname, roles, joined_at, timed_out_until, from_gateway,
                last_confirmed, roles_confirmed)
            VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
            ON CONFLICT (guild_id, user_id) DO UPDATE SET nickname = excluded.nickname, roles = excluded.roles,
                joined_at = excluded.joined_at, timed_out_until = excluded.timed_out_until, from_gateway = 1,
                last_confirmed = excluded.last_confirmed, roles_confirmed = excluded.roles_confirmed
            """,
            [
                .integer(member.guildID.number), .integer(member.user.id.number), Value(member.nickname),
                .text(GuildRecords.encoded(member.roles)), Value(member.joinedAt),
                Value(member.timedOutUntil), .integer(now), .integer(now),
            ])
    }

    /// Ignores members of a guild that the bot is not in: such an event is late. For a known member it confirms the
    /// membership, which matters where the gateway doesn't vouch for all: they may have been refused.
    func upsert(_ member: Member) async throws {
        guard try await records.installedGuild(member.guildID) != nil else { return }
        let row = try await records.memberRow(member.user.id, of: member.guildID)
        let before = try row.map(GuildRecords.member)
        let wasCertain = try await records.isCertain(member.user.id, of: member.guildID, now: now)
        if before?.user != member.user { try await upsert(member.user) }
        if let row, before == member, try row["from_gateway", as: Bool.self] {
            let (membership, roles) = (
                try row["last_confirmed", as: Int64.self], try row["roles_confirmed", as: Int64.self]
            )
            try await confirm(member, lastConfirmed: min(membership, roles))
        } else {
            try await write(member)
        }
        if !wasCertain { try await transaction.append(AccessEvents.granted(member.user.id, member.guildID)) }
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
        if removed > 0 { try await transaction.append(AccessEvents.revoked(user, guild)) }
    }

    /// Writes only what differs. Appends events for those signed-in members who came, whose membership is certain again, or
    /// who left; see `signedInMembers(of:)`.
    ///
    /// - Parameter notifyingAll: nobody had access to the guild until now, so those who stayed get an event as well.
    func merge(
        _ members: [Member], of guild: GuildID, removingOthers: Bool, notifyingAll: Bool
    ) async throws {
        guard removingOthers || !members.isEmpty, try await records.installedGuild(guild) != nil else { return }
        var known: [UserID: (member: Member, fromGateway: Bool)] = [:]
        // A part of a long list is compared with its own members only.
        let concerned = removingOthers ? [] : members.map { Value.integer($0.user.id.number) }
        let places = concerned.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
        let rows = try await transaction.query(
            """
            SELECT \(GuildRecords.memberColumns) FROM members m JOIN users u ON u.id = m.user_id
            WHERE m.guild_id = $1\(removingOthers ? "" : " AND m.user_id IN (\(places))")
            """, [.integer(guild.number)] + concerned)
        for row in rows {
            let member = try GuildRecords.member(row)
            known[member.user.id] = (member, try row["from_gateway", as: Bool.self])
        }
        let signedInBefore = Set(try await records.signedInMembers(of: guild, now: now))
        let certainBefore = Set(try await records.signedInMembers(of: guild, certain: true, now: now))
        for member in members where member.guildID == guild {
            let before = known[member.user.id]
            if before?.member.user != member.user {
                // The same account may be known from another guild.
                try await upsert(member.user)
            }
            guard before?.member != member || before?.fromGateway != true else { continue }
            try await write(member)
            if let before, before.member.roles != member.roles, signedInBefore.contains(member.user.id) {
                try await transaction.append(AccessEvents.updated(guild, for: member.user.id))
            }
        }
        if removingOthers {
            try await removeAll(except: Set(members.map(\.user.id)), of: guild, among: known.keys, signedInBefore)
        }
        let present = Set(members.map(\.user.id))
        for user in try await records.signedInMembers(of: guild, certain: !notifyingAll, now: now)
        where notifyingAll || present.contains(user) && !certainBefore.contains(user) {
            try await transaction.append(AccessEvents.granted(user, guild))
        }
    }

    /// - Returns: `false`, and changes nothing, if one of them has been removed since their part of the list came.
    func completeMembers(_ members: Set<UserID>, of guild: GuildID) async throws -> Bool {
        guard try await records.installedGuild(guild) != nil else { return true }
        let known = try await transaction.query(
            "SELECT user_id FROM members WHERE guild_id = $1", [.integer(guild.number)]
        ).map { UserID(try $0["user_id", as: Int64.self]) }
        guard members.isSubset(of: known) else { return false }
        let signedIn = try await records.signedInMembers(of: guild, now: now)
        try await removeAll(except: members, of: guild, among: known, Set(signedIn))
        let wasConfirmed = try await records.gatewayVouches(for: guild, now: now)
        guard try await vouch(for: guild), !wasConfirmed else { return true }
        for user in signedIn where members.contains(user) {
            try await transaction.append(AccessEvents.granted(user, guild))
        }
        return true
    }

    private func removeAll(
        except kept: Set<UserID>, of guild: GuildID, among known: some Sequence<UserID>, _ signedIn: Set<UserID>
    ) async throws {
        for user in known where !kept.contains(user) {
            try await transaction.execute(
                "DELETE FROM members WHERE guild_id = $1 AND user_id = $2",
                [.integer(guild.number), .integer(user.number)])
            if signedIn.contains(user) { try await transaction.append(AccessEvents.revoked(user, guild)) }
        }
    }
}
