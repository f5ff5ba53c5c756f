package import Core
package import Store

/// Answers who may see which topic, and for how long that answer holds.
///
/// A membership that the bot's gateway vouches for holds while the gateway session lives; any other is confirmed through
/// a `MembershipSource` when its last confirmation is older than 300 s, and its roles through a `MemberSource`. `Certainty`
/// has the rule. What can't be confirmed is refused, but not forgotten: only an answer removes a membership. A user who
/// was refused for lack of an answer therefore gets access back as soon as the gateway resumes, although a resumed
/// session repeats nothing of what it has reported before.
package struct AccessPolicy: Sendable {
    /// The longest grant there is: as long as a confirmation holds.
    package static let longestGrant = Certainty.lifetime
    /// How long Discord is not asked again about the same user.
    static let cooldown: Duration = .seconds(15)
    /// In how many guilds a user's roles are asked for at most: each takes a request as the bot.
    static let guildsAsked = 10

    private let database: any Database
    package let directory: GuildDirectory
    private let source: (any MembershipSource)?
    private let members: (any MemberSource)?
    private var cache: AccessCache?
    private var memory: AccessMemory?
    private let time: TimeSource
    private let log: Log
    private let questions = SingleFlight<UserID, Outcome>()

    /// - Parameters:
    ///   - source: asked on users' behalf; without it, memberships that have grown old are refused.
    ///   - members: asked as the bot; without it, what depends on roles is refused once they have grown old.
    ///   - cache: keeps memberships for the next requests of processes that remember nothing themselves.
    ///   - memory: what this process remembers. Without both the database is asked each time.
    package init(
        database: any Database, directory: GuildDirectory, source: (any MembershipSource)?,
        members: (any MemberSource)? = nil, cache: AccessCache? = nil, memory: AccessMemory? = nil,
        time: TimeSource = .system, log: Log = .none
    ) {
        self.database = database
        self.directory = directory
        self.source = source
        self.members = members
        self.cache = cache
        self.memory = memory
        self.time = time
        self.log = log
    }

    /// The same policy without cache and memory: for streams, which rely on an answer for up to 300 s and ask at the very moment
    /// at which an event says that it has changed.
    package var uncached: AccessPolicy {
        var policy = self
        policy.cache = nil
        policy.memory = nil
        return policy
    }

    /// Returns how long `principal` may see `topic` from now on, at most 300 s; `nil` if they may not.
    ///
    /// - Throws: `GuildsError.membershipUnknown`, as `membership(of:in:)` does.
    package func grant(principal: String, topic: String) async throws -> Duration? {
        guard case .user(let user)? = CommunityTopic(principal), let topic = CommunityTopic(topic) else { return nil }
        switch topic {
        case .user(let owner): return owner == user ? Self.longestGrant : nil
        case .guild(let guild): return try await membership(of: user, in: guild)
        }
    }

    /// Returns all topics that `principal` may see now, with how long each may be seen: their own and those of the guilds
    /// that they share with the bot.
    ///
    /// - Throws: `GuildsError.membershipUnknown`, as `membership(of:in:)` does.
    package func topics(of principal: String) async throws -> [String: Duration] {
        guard case .user(let user)? = CommunityTopic(principal) else { return [:] }
        var grants = try await known(user)
        if grants.contains(where: { $0.value <= .zero }) {
            let answer = try await confirm(user, in: nil)
            grants = try await known(user)
            guard answer != .notNow || !grants.contains(where: { $0.value <= .zero }) else {
                throw GuildsError.membershipUnknown
            }
        }
        var topics = [principal: Self.longestGrant]
        for (guild, left) in grants where left > .zero { topics[CommunityTopic.name(of: guild)] = left }
        return topics
    }

    /// Returns of what in these guilds `user` may know. Never from memory: streams rely on it until they are told that it has
    /// changed.
    ///
    /// - Throws: what the database throws.
    package func views(of user: UserID, in guilds: [GuildID]) async throws -> [GuildID: GuildView] {
        guard !guilds.isEmpty else { return [:] }
        let now = time.milliseconds
        return try await database.read { try await GuildRecords($0).views(of: user, in: guilds, now: now) }
    }

    /// Returns how long it is certain that `user` is a member of a guild that the bot is in; `nil` if they are not.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    /// - Throws: `GuildsError.membershipUnknown` for a user who was a member when Discord could last be asked.
    package func membership(
        of user: UserID, in guild: GuildID, seen cursor: Cursor? = nil
    ) async throws -> Duration? {
        if let left = try await cached(user, guild, seen: cursor), left > .zero { return left }
        // A confirmation that only prolongs a membership isn't told to memory.
        if memory != nil, let left = try await known(user, in: guild)[guild], left > .zero { return left }
        let answer = try await confirm(user, in: guild)
        // Even without an answer: another process may have had one meanwhile.
        guard let left = try await known(user, in: guild)[guild] else { return nil }
        if left > .zero { return left }
        guard answer != .notNow else { throw GuildsError.membershipUnknown }
        return nil
    }

    /// Whether it is remembered, and certain, that `user` is a member of a guild that the bot is in. Never waits.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func remembersMembership(of user: UserID, in guild: GuildID, seen cursor: Cursor?) -> Bool {
        let membership = memory?.memberships.remembered(user, seen: cursor)?.first { $0.guild == guild }
        return membership.map { isRemembered($0, seen: cursor) } ?? false
    }

    /// The guilds with the bot in which `user` is certainly a member, in order, if all of it is remembered. Never waits.
    ///
    /// - Parameter cursor: what the client has seen of the log.
    package func rememberedGuilds(of user: UserID, seen cursor: Cursor?) -> [GuildID]? {
        guard let list = memory?.memberships.remembered(user, seen: cursor),
            list.allSatisfy({ isRemembered($0, seen: cursor) })
        else { return nil }
        return list.map(\.guild).sorted()
    }

    private func isRemembered(_ membership: RememberedMembership, seen cursor: Cursor?) -> Bool {
        let now = time.milliseconds
        if membership.confirmedUntil > now { return true }
        guard membership.isReported else { return false }
        return memory?.vouching.remembered(membership.guild, seen: cursor).map { $0 > now } ?? false
    }

    /// Requires that `user` is a member of a guild that the bot is in.
    ///
    /// - Throws: `GuildsError.guildNotFound` if they are not; `.membershipUnknown`, as `membership(of:in:)` does.
    package func requireMembership(of user: UserID, in guild: GuildID, seen cursor: Cursor? = nil) async throws {
        guard try await membership(of: user, in: guild, seen: cursor) != nil else { throw GuildsError.guildNotFound }
    }

    /// Returns the guilds with the bot in which `user` is certainly a member, in order.
    ///
    /// - Throws: `GuildsError.membershipUnknown`, as `membership(of:in:)` does.
    package func guilds(of user: UserID, seen cursor: Cursor? = nil) async throws -> [GuildID] {
        if let memory, let list = try await memberships(of: user, memory, seen: cursor) {
            var certain: [GuildID] = []
            for membership in list where try await left(of: membership, memory, seen: cursor) > .zero {
                certain.append(membership.guild)
            }
            if certain.count == list.count { return certain.sorted() }
        }
        return try await topics(of: CommunityTopic.name(of: user)).keys.compactMap { topic in
            if case .guild(let guild)? = CommunityTopic(topic) { guild } else { nil }
        }.sorted()
    }

    /// Returns how long each known membership of `user` in a guild with the bot still holds, at most 300 s; zero or less
    /// where it must be confirmed again.
    private func known(_ user: UserID, in guild: GuildID? = nil) async throws -> [GuildID: Duration] {
        left(of: try await database.read { try await GuildRecords($0).confirmations(of: user, in: guild).list })
    }

    /// The same for one guild, perhaps from the cache. Only a yes is taken from there: whatever isn't found is read from the
    /// database, so that nobody waits for access that they have gained.
    private func cached(_ user: UserID, _ guild: GuildID, seen cursor: Cursor?) async throws -> Duration? {
        if let memory {
            let list = try await memberships(of: user, memory, seen: cursor)
            guard let membership = list?.first(where: { $0.guild == guild }) else { return nil }
            return try await left(of: membership, memory, seen: cursor)
        }
        guard let cache else { return try await known(user, in: guild)[guild] }
        let list = try await cache.value(for: .memberships(user)) {
            let found = try await database.read { try await GuildRecords($0).confirmations(of: user) }
            // Changes of a whole guild append events for signed-in users only: nobody else's changes are certain to be seen.
            let until = min(found.signedInUntil, found.list.map(\.until).min() ?? 0)
            return AccessCache.Loaded(value: found.list, user: user, until: until)
        }
        return left(of: list ?? [])[guild]
    }

    /// The memberships of `user` in guilds that have the bot, from memory or for it. Changes of a whole guild append events for
    /// signed-in users only, so nothing is remembered beyond the end of the last session.
    private func memberships(
        of user: UserID, _ memory: AccessMemory, seen cursor: Cursor?
    ) async throws -> [RememberedMembership]? {
        try await memory.memberships.value(for: user, seen: cursor, about: [CommunitySubject.user(user)]) {
            let found = try await database.read { try await GuildRecords($0).memberships(of: user) }
            guard !found.list.isEmpty else { return nil }
            return ReadTable.Read(
                found.list.map { RememberedMembership($0.guild, $0.certainty) },
                about: found.list.flatMap { [CommunitySubject.guild($0.guild), CommunitySubject.members($0.guild)] },
                bytes: 200 + 160 * found.list.count,
                until: min(found.signedInUntil, time.milliseconds + AccessMemory.lifetime))
        }
    }

    /// How long a remembered membership still holds.
    private func left(
        of membership: RememberedMembership, _ memory: AccessMemory, seen cursor: Cursor?
    ) async throws -> Duration {
        let now = time.milliseconds
        var until = membership.confirmedUntil
        if membership.isReported {
            let vouchedUntil = try await memory.vouchedUntil(membership.guild, now: now, seen: cursor) {
                try await database.read { try await GuildRecords($0).vouchedUntil(membership.guild) }
            }
            until = max(until, vouchedUntil)
        }
        return min(Self.longestGrant, .milliseconds(until - now))
    }

    private func left(of confirmations: [Confirmation]) -> [GuildID: Duration] {
        Dictionary(confirmations.map { ($0.guild, left(of: $0)) }, uniquingKeysWith: { first, _ in first })
    }

    private func left(of confirmation: Confirmation) -> Duration {
        min(Self.longestGrant, .milliseconds(confirmation.until - time.milliseconds))
    }

    /// The result of asking Discord which guilds a user is in.
    private enum Outcome: Sendable {
        /// The database is up to date.
        case given
        /// Nobody may ask: what has grown old does not count.
        case nobody
        /// Discord could not be asked now; it may be possible in a moment.
        case notNow
    }

    /// Asks Discord which guilds `user` is in, and for their roles there, where that could help. Callers that want to know
    /// while the question is under way wait for the same answer.
    private func confirm(_ user: UserID, in guild: GuildID?) async throws -> Outcome {
        guard source != nil || members != nil else { return .nobody }
        return try await questions(user) {
            switch try await prospect(of: user, in: guild) {
            case .certain: return .given
            case .none: return .nobody
            case .tooSoon: return .notNow
            case .open: break
            }
            let answer = try await confirmMemberships(of: user)
            guard let members else { return answer }
            let areConfirmed = try await confirmRoles(of: user, in: answer == .given ? nil : guild, members)
            return answer == .given || areConfirmed ? .given : .notNow
        }
    }

    private func confirmMemberships(of user: UserID) async throws -> Outcome {
        do {
            guard let memberships = try await source?.memberships(of: user) else { return .nobody }
            try await directory.record(memberships: memberships, of: user)
            return .given
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            log.warning("memberships not confirmed", ["user": "\(user)", "error": "\(error)"])
            return .notNow
        }
    }

    /// Asks for the member in each guild where the report of their roles has grown old, and in `guild`. Returns `false`
    /// unless Discord answered about all of them.
    private func confirmRoles(
        of user: UserID, in guild: GuildID?, _ members: any MemberSource
    ) async throws -> Bool {
        let now = time.milliseconds
        let guilds = try await database.read { reading in
            let records = GuildRecords(reading)
            var guilds = Set(try await records.guildsWithOldRoles(of: user, now: now))
            if let guild, try await !records.isCertain(user, of: guild, now: now) { guilds.insert(guild) }
            return guilds
        }
        guard guilds.count <= Self.guildsAsked else { return false }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            for guild in guilds {
                group.addTask {
                    do {
                        let member = try await members.member(user, of: guild)
                        try await directory.record(member, of: user, in: guild)
                        return true
                    } catch is CancellationError {
                        throw CancellationError()
                    } catch {
                        log.warning(
                            "roles not confirmed", ["user": "\(user)", "guild": "\(guild)", "error": "\(error)"])
                        return false
                    }
                }
            }
            return try await group.reduce(true) { $0 && $1 }
        }
    }

    /// What asking could achieve.
    private enum Prospect {
        case open
        /// Nothing: the bot is not in the guild, or the gateway vouches for the list of its members.
        case certain
        /// Nothing: nobody may ask.
        case none
        /// Discord was asked about this user within the cooldown.
        case tooSoon
    }

    /// If the answer is `open`, the user counts as asked about, and the cooldown begins.
    private func prospect(of user: UserID, in guild: GuildID?) async throws -> Prospect {
        let now = time.milliseconds
        if let guild {
            let isCertain = try await database.read { reading in
                let records = GuildRecords(reading)
                if try await records.gatewayVouches(for: guild, now: now) { return true }
                return try await records.installedGuild(guild) == nil
            }
            if isCertain { return .certain }
        }
        if members == nil, let source, try await !source.mayAsk(about: user) { return .none }
        return try await database.transaction(locking: []) { transaction in
            let isMarked =
                try await transaction.execute(
                    "UPDATE users SET guilds_asked_at = $1 WHERE id = $2 AND guilds_asked_at <= $3",
                    [.integer(now), .integer(user.number), .integer(now - Self.cooldown.milliseconds)]) > 0
            return isMarked ? .open : .tooSoon
        }
    }
}
