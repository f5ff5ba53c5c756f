package import Core
package import Guilds
package import Store

/// The use cases of games. Web and bot call the same methods, so that a join is decided in one place.
///
/// Each change and its event are committed together. A user who may not know of a game gets `gameNotFound`. A `Command`
/// makes a call repeatable: for a day, the same command returns the same result and changes nothing. Errors: every method
/// throws a `SchedulerError` for what it refuses, `GuildsError.membershipUnknown` while Discord can't confirm the user's
/// membership, and what the database throws.
package struct GameService: Sendable {
    let database: any Database
    let policy: AccessPolicy
    let memory: GameMemory?
    let guilds = GameGuilds()
    private let limits: GameLimits
    let time: TimeSource
    /// Rung when the time at which a game starts or ends may have changed.
    let deadlinesChanged: Signal

    /// - Parameter memory: what this process remembers; without it the database is asked each time.
    package init(
        database: any Database, policy: AccessPolicy, memory: GameMemory? = nil, limits: GameLimits = GameLimits(),
        time: TimeSource = .system, deadlinesChanged: Signal = Signal()
    ) {
        self.database = database
        self.policy = policy
        self.memory = memory
        self.limits = limits
        self.time = time
        self.deadlinesChanged = deadlinesChanged
    }

    /// Creates a game that `user` hosts.
    ///
    /// - Throws: `SchedulerError.invalid` with every fault of the form, `.guildNotFound`, `.timedOut`, `.botCannotPost`,
    ///   `.tooManyNewGames`, `.tooManyOpenGames`, `.guildHasTooManyGames`.
    package func create(_ form: GameForm, by user: UserID, command: Command? = nil) async throws -> Game {
        let now = time.milliseconds
        let done = try await database.read { reading in
            try await reading.look(up: CommandRecords.result(of: command, by: user, as: Game.self, now: now))
        }
        if let done { return done }
        let details = try form.detailsOfNewGame(now: now)
        try await requireMembership(of: user, in: details.guildID, otherwise: .guildNotFound)
        let locks =
            [.shared("guild", details.guildID)] + GameLimits.locks(host: user, guild: details.guildID)
            + CommandRecords.locks(for: command, by: user)
        let game = try await database.transaction(locking: locks) { transaction in
            let commands = CommandRecords(transaction: transaction, user: user, now: now)
            if let done = try await commands.result(of: command, as: Game.self) { return done }
            try await requirePlace(for: details, of: user, at: now, in: transaction)
            try await transaction.look(up: limits.check(host: user, guild: details.guildID, now: now))
            let changes = GameChanges(transaction, now: now)
            let game = try await changes.insert(details, host: user)
            try await commands.remember(game, of: command)
            try await changes.append(.created, game, command)
            return game
        }
        guilds[game.id] = game.guildID
        deadlinesChanged.ring()
        return game
    }

    /// Returns a game that `user` may know of.
    ///
    /// - Throws: `SchedulerError.gameNotFound`.
    package func game(_ id: GameID, for user: UserID) async throws -> Game {
        let guild = try await requireMembership(of: user, inGuildOf: id)
        return try await database.read { reading in
            try await reading.look(up: visible(GameRecords.gameAndChannel(id), in: guild, to: user)).game
        }
    }

    /// Changes the fields that are submitted. The version that the editor saw must be submitted, too: another edit since then
    /// is a conflict, sign-ups are not.
    ///
    /// - Throws: `SchedulerError.gameNotFound`, `.timedOut`, `.notGameManager`, `.notEditable`, `.invalid`,
    ///   `.versionConflict`.
    package func edit(
        _ id: GameID, _ form: GameForm, by user: UserID, command: Command? = nil
    ) async throws -> Game {
        let game = try await carryOut(GameRecords.gameAndChannel(id), id, by: user, command) {
            transaction, changes, found in
            try found.requireNotTimedOut(at: changes.now)
            try found.requireManager()
            guard found.game.status == .scheduled else { throw SchedulerError.notEditable(found.game.status) }
            let before = GameDetails(found.game)
            let after = try form.details(changing: before, now: changes.now)
            let oldest = try await GameRecords(transaction).detailsVersion(of: id)
            guard let version = form.version, (oldest...found.game.version).contains(version) else {
                throw SchedulerError.versionConflict(current: found.game.version)
            }
            guard after != before else { return (found.game, nil) }
            return (try await changes.update(id, to: after), .updated)
        }
        deadlinesChanged.ring()
        return game
    }

    /// Cancels a game. A game that is already cancelled stays as it is.
    ///
    /// - Throws: `SchedulerError.gameNotFound`, `.timedOut`, `.notGameManager`, `.notEditable` when it is over.
    @discardableResult
    package func cancel(_ id: GameID, by user: UserID, command: Command? = nil) async throws -> Game {
        try await carryOut(GameRecords.gameAndChannel(id), id, by: user, command) { _, changes, found in
            try found.requireNotTimedOut(at: changes.now)
            try found.requireManager()
            switch found.game.status {
            case .cancelled: return (found.game, nil)
            case .completed: throw SchedulerError.notEditable(.completed)
            case .scheduled, .inProgress: return (try await changes.set(.cancelled, id), .cancelled)
            }
        }
    }

    /// Signs `user` up. If the user has already signed up, returns the existing participant. If the game is full, the user
    /// waits; nobody is refused for lack of a seat.
    ///
    /// - Throws: `SchedulerError.gameNotFound`, `.timedOut`, `.notOpen`.
    package func join(_ id: GameID, by user: UserID, command: Command? = nil) async throws -> SignUp {
        try await carryOut(Seating.of(user, in: id), id, by: user, command) { _, changes, found in
            try found.requireNotTimedOut(at: changes.now)
            let (game, name) = (found.game, found.viewer.member.displayName)
            if let own = game.own {
                return (game.signUp(of: user, named: name, at: own.joinedAt, behind: own.ahead), nil)
            }
            guard game.status == .scheduled else { throw SchedulerError.notOpen(game.status) }
            try await changes.join(user, id, place: game.nextPlace)
            return (game.signUp(of: user, named: name, at: changes.now, behind: game.participants), .updated)
        }
    }

    /// Withdraws the sign-up of `user`, if there is one. A member who is timed out may leave, too, although they can't join
    /// again: otherwise they would keep a seat that others wait for.
    ///
    /// - Throws: `SchedulerError.gameNotFound`, `.alreadyCompleted`.
    package func leave(_ id: GameID, by user: UserID, command: Command? = nil) async throws {
        _ = try await carryOut(Seating.of(user, in: id), id, by: user, command) { _, changes, found in
            guard found.game.own != nil else { return (true, nil) }
            guard found.game.status != .completed else { throw SchedulerError.alreadyCompleted }
            try await changes.leave(user, id)
            return (true, .updated)
        }
    }

    /// Confirms that `user` may know of the game, then changes it and appends the event in one transaction: what `lookup` needs of
    /// the game is read in one round trip with all that decides about it, and everything is written in another.
    private func carryOut<Subject: GameIdentity, Result: Codable & Sendable>(
        _ lookup: Lookup<(Subject?, Channel?)>, _ id: GameID, by user: UserID, _ command: Command?,
        _ body: @Sendable (any Transaction, GameChanges, VisibleGame<Subject>) async throws -> (Result, GameEvent?)
    ) async throws -> Result {
        let guild = try await requireMembership(of: user, inGuildOf: id)
        let locks = [.exclusive("game", id), .shared("guild", guild)] + CommandRecords.locks(for: command, by: user)
        return try await database.transaction(locking: locks) { transaction in
            let (found, done) = try await transaction.look(
                up: visible(lookup, in: guild, to: user).and(
                    CommandRecords.result(of: command, by: user, as: Result.self, now: time.milliseconds)))
            if let done { return done }
            // Read once the locks are held, so that the times of sign-ups have the order of the seats.
            let now = time.milliseconds
            let changes = GameChanges(transaction, now: now)
            let commands = CommandRecords(transaction: transaction, user: user, now: now)
            let (result, event) = try await body(transaction, changes, found)
            try await commands.remember(result, of: command)
            if let event { try await changes.append(event, found.game, command) }
            return result
        }
    }
}
