import Core
import Store

/// What users' sign-ins report.
extension GuildDirectory {
    /// Records the account of a user who has just signed in.
    package func record(signedIn user: User) async throws {
        let now = time.milliseconds
        try await database.transaction(locking: [.exclusive("user", user.id)]) {
            try await GuildChanges($0, now: now).upsert(user)
        }
    }

    /// Records every guild that `user` is in, as Discord has just said. For guilds that the gateway vouches for, what it
    /// reported is kept: it is fresher than an answer that was under way.
    package func record(memberships: [ReportedMembership], of user: UserID) async throws {
        let now = time.milliseconds
        let known = try await database.read { try await GuildRecords($0).guilds(of: user) }
        let guilds = known.union(memberships.map(\.guildID))
        let locks = [Lock.exclusive("user", user)] + guilds.map { .exclusive("guild", $0) }
        try await database.transaction(locking: Sessions.unchanged + locks) { transaction in
            try await GuildChanges(transaction, now: now).record(memberships, of: user, instead: known)
        }
        await cache?.forget([.memberships(user)])
    }
}

/// What Discord answers the bot.
extension GuildDirectory {
    /// Records `user` as a member of `guild`, or that they are not one (`nil`), as Discord has just said. If the gateway
    /// vouches for the guild by now, what it reported is kept: the answer may have been under way for longer.
    package func record(_ member: Member?, of user: UserID, in guild: GuildID) async throws {
        let now = time.milliseconds
        try await database.transaction(locking: Sessions.unchanged + [.exclusive("guild", guild)]) {
            transaction in
            let changes = GuildChanges(transaction, now: now)
            if try await changes.records.gatewayVouches(for: guild, now: now) { return }
            if let member { try await changes.upsert(member) } else { try await changes.remove(user, from: guild) }
        }
        if member == nil { await cache?.forget([.memberships(user)]) }
    }
}
