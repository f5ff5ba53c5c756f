import Core
import Guilds
import Scheduler
import Synchronization

/// Keeps the card of each game up to date: one message in the game's channel, edited at Discord's pace, through crashes and
/// outages.
///
/// Which cards are outdated follows from the database; memory holds only the games whose turn is to come. It holds a limited
/// number of them (`CardQueue.limit`): when more change, the rest is read from the database as soon as half of the queue is
/// free. Of those, cards with a problem are tried again when their guild changes next or the bot starts.
final class CardKeeper: Service {
    let name = "bot cards"

    private enum Job: Sendable {
        case refresh(GameID, failures: Int)
        case reload
    }

    private static let guildsAtATime = 200
    private static let gamesAtATime = 500
    private static let sweepInterval = Duration.seconds(30)
    private static let tidyInterval = Duration.seconds(3600)

    private let games: GameService
    private let records: CardRecords
    private let refresher: CardRefresher
    private let time: TimeSource
    private let log: Log
    private let queue: Mutex<CardQueue>
    /// What the queue has decided to do. It holds no more than the queue lets be done at a time, and one reload.
    private let jobs: BoundedQueue<Job>
    private let alarm: Alarm
    private let alarmFired = Signal()

    init(games: GameService, records: CardRecords, refresher: CardRefresher, time: TimeSource, log: Log) {
        self.games = games
        self.records = records
        self.refresher = refresher
        self.time = time
        self.log = log
        let queue = CardQueue()
        jobs = BoundedQueue(limit: queue.width + 1)
        self.queue = Mutex(queue)
        alarm = Alarm(time: time) { [alarmFired] in alarmFired.ring() }
    }

    // MARK: Reports

    /// Something happened to the game. Once this has returned, its card will follow, also after a crash.
    ///
    /// - Throws: `StoreError`, as all reports do.
    func gameChanged(_ id: GameID) async throws {
        if let due = try await records.due(id), records.serves(due.guild) { try await note([due]) }
    }

    /// Events were missed: every card is checked.
    func eventsMissed(in guilds: Set<GuildID>) async throws {
        try await records.invalidateAll()
        try await reload()
        var rest = guilds.sorted()[...]
        while !rest.isEmpty {
            try await guildsAvailable(Array(rest.prefix(Self.guildsAtATime)))
            rest = rest.dropFirst(Self.guildsAtATime)
        }
    }

    /// Permissions may have changed: what failed for want of them is tried again.
    func guildChanged(_ guild: GuildID) async throws {
        try await noteEach { try await records.troubled(in: [guild], after: $0, limit: Self.gamesAtATime) }
    }

    /// The bot is in the guilds (again): games that never got a message, or changed without it, get theirs.
    func guildsAvailable(_ guilds: [GuildID]) async throws {
        guard !guilds.isEmpty else { return }
        try await noteEach { try await records.due(in: guilds, after: $0, limit: Self.gamesAtATime) }
        try await noteEach { try await records.troubled(in: guilds, after: $0, limit: Self.gamesAtATime) }
    }

    /// Messages were deleted: those that were cards are posted again.
    func messagesDeleted(_ messages: [MessageID]) async throws {
        for message in messages {
            guard let game = try await games.game(withCard: message) else { continue }
            // The event of this change leads here again, by `gameChanged`.
            try await games.recordCard(nil, of: game.id, replacing: message)
        }
    }

    /// - Parameter page: at most `gamesAtATime`, after the game.
    private func noteEach(_ page: (GameID?) async throws -> [CardRecords.Due]) async throws {
        var last: GameID?
        repeat {
            let due = try await page(last)
            try await note(due)
            last = due.count == Self.gamesAtATime ? due.last?.game : nil
        } while last != nil
    }

    private func note(_ due: [CardRecords.Due]) async throws {
        try await records.add(due.filter(\.isMissing))
        for card in due { note(card.game, card.lane) }
    }

    private func note(_ game: GameID, _ lane: CardQueue.Lane) { update { $0.noted(game, lane) } }

    private func reload() async throws {
        let cards = try await outdated()
        update { $0.reloaded(cards) }
    }

    /// Finds the cards that are outdated although nobody has said so: another process, which took itself for the leader, may
    /// have changed them. Ends when cancelled.
    private func sweep() async {
        while (try? await time.sleep(for: Self.sweepInterval * Double.random(in: 0.8...1.2))) != nil {
            do {
                let cards = try await outdated()
                update { $0.swept(cards) }
            } catch {
                if !Task.isCancelled { log.warning("outdated cards can't be read", ["error": "\(error)"]) }
            }
        }
    }

    /// Ends the lives of cards of past games. Ends when cancelled.
    private func tidy() async {
        repeat {
            do {
                try await records.tidy(at: time.milliseconds)
            } catch {
                if !Task.isCancelled { log.warning("cards of past games can't be removed", ["error": "\(error)"]) }
            }
        } while (try? await time.sleep(for: Self.tidyInterval * Double.random(in: 0.8...1.2))) != nil
    }

    private func outdated() async throws -> [(game: GameID, lane: CardQueue.Lane)] {
        // One more than there is room for: then the queue knows that it isn't all.
        let limit = queue.withLock { $0.limit } + 1
        return try await records.outdated(limit: limit).map { (game: $0.game, lane: $0.lane) }
    }

    /// Changes the queue and starts what follows from it, in the order of the changes.
    private func update(_ change: (inout CardQueue) -> [CardQueue.Action]) {
        queue.withLock { queue in
            for action in change(&queue) {
                switch action {
                case .refresh(let game): jobs.put(.refresh(game, failures: queue.failures(of: game)))
                case .wake(let moment): alarm.set(moment)
                case .reload: jobs.put(.reload)
                }
            }
        }
    }

    // MARK: Work

    /// Refreshes cards until cancelled. It can't be run again.
    ///
    /// - Throws: `StoreError` when the outdated cards can't be read at the start.
    func run() async throws {
        let alarms = alarmFired.listen()
        try await records.distrustOutdated()
        try await reload()
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in alarms { self.update { $0.timerFired(at: self.time.now) } } }
            group.addTask { await self.sweep() }
            group.addTask { await self.tidy() }
            await withTaskCancellationHandler {
                while let job = await jobs.next() { group.addTask { await self.perform(job) } }
            } onCancel: {
                jobs.finish()
            }
            group.cancelAll()
        }
    }

    private func perform(_ job: Job) async {
        switch job {
        case .refresh(let game, let failures):
            let outcome = await refresher.refresh(game, failures: failures)
            update { $0.finished(game, outcome, at: time.now) }
        case .reload:
            // Only cancellation ends it otherwise.
            try? await time.retrying(
                Backoff(base: .seconds(1), limit: .seconds(60)),
                failed: { [log] error, _ in log.error("outdated cards can't be read", ["error": "\(error)"]) }
            ) { try await reload() }
        }
    }
}
