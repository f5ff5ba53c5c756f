import Core
import Store

/// What people's sign-ins tell.
extension GuildDirectory {
    /// The account of someone who has just signed in.
    package func record(signedIn user: User) async throws {
        let now = time.milliseconds
        try await database.transaction { try await GuildChanges($0, now: now).upsert(user) }
    }

    /// Every guild that `user` is in, as Discord has just said. Guilds for which the gateway vouches keep what it told:
    /// it is fresher than an answer that was under way.
    package func record(memberships: [ReportedMembership], of user: UserID) async throws {
        let now = time.milliseconds
        try await database.transaction { transaction in
            try await GuildChanges(transaction, now: now).record(memberships, of: user)
        }
        await cache?.forget([.memberships(user)])
    }
}

/// What the bot is told when it asks.
extension GuildDirectory {
    /// `user` as a member of `guild`, or that they are none, as Discord has just said. Where the gateway vouches meanwhile,
    /// what it told is kept: the answer may have been under way for longer.
    package func record(_ member: Member?, of user: UserID, in guild: GuildID) async throws {
        let now = time.milliseconds
        try await database.transaction { transaction in
            let changes = GuildChanges(transaction, now: now)
            if try await changes.records.gatewayVouches(for: guild, now: now) { return }
            if let member { try await changes.upsert(member) } else { try await changes.remove(user, from: guild) }
        }
        if member == nil { await cache?.forget([.memberships(user)]) }
    }
}
