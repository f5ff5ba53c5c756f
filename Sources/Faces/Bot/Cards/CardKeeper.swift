import Core
import Discord
import Guilds
import Scheduler
import Synchronization

/// Keeps one message for each game up to date, at Discord's pace, through crashes and outages.
///
/// What is to be done is in the database before it is in this queue; a restart picks up what was left.
final class CardKeeper: Service {
    let name = "bot cards"

    private enum Input: Sendable {
        case noted(GameID, channel: Int64)
        case finished(GameID, CardQueue.Outcome)
        case alarm
    }

    private let games: GameService
    private let records: CardRecords
    private let work: CardWork
    private let timeline: Timeline
    private let log: Log
    private let inputs: AsyncStream<Input>
    private let feed: AsyncStream<Input>.Continuation

    init(
        games: GameService, records: CardRecords, work: CardWork, timeline: Timeline, log: Log
    ) {
        self.games = games
        self.records = records
        self.work = work
        self.timeline = timeline
        self.log = log
        // What is fed is small and, but for repetitions, bounded by the number of games that changed.
        (inputs, feed) = AsyncStream.makeStream()
    }

    /// Something happened to the game. When this returns, its message will follow, also after a crash.
    func gameChanged(_ id: GameID) async throws {
        guard let game = try await games.game(id) else { return }
        try await records.want(game)
        feed.yield(.noted(id, channel: game.channelID.number))
    }

    /// Events were missed: every message is looked at again.
    func eventsMissed(in guilds: Set<GuildID>) async throws {
        try await records.wantAll()
        try await feedOutdated()
        for guild in guilds { try await guildAvailable(guild) }
    }

    private func feedOutdated() async throws {
        for card in try await records.outdated() { feed.yield(.noted(card.game, channel: card.channel.number)) }
    }

    /// Permissions may have changed: what failed for want of them is tried again.
    func guildChanged(_ guild: GuildID) async throws {
        for card in try await records.troubled(in: guild) {
            feed.yield(.noted(card.game, channel: card.channel.number))
        }
    }

    /// The bot is in the guild (again): games that never got a message, or changed without it, get theirs.
    func guildAvailable(_ guild: GuildID) async throws {
        try await guildChanged(guild)
        var cursor: GameCursor?
        repeat {
            let page = try await games.openGames(of: guild, after: cursor)
            for game in page.games where try await records.card(of: game.id) == nil || game.messageID == nil {
                try await gameChanged(game.id)
            }
            cursor = page.next
        } while cursor != nil
    }

    /// Somebody deleted messages: those of games are posted anew.
    func messagesDeleted(_ messages: [MessageID]) async throws {
        for message in messages {
            guard let game = try await games.game(withCard: message) else { continue }
            // The event of this change leads here again, by `gameChanged`.
            try await games.recordCard(nil, of: game.id, replacing: message)
        }
    }

    func run() async throws {
        try await feedOutdated()
        await withDiscardingTaskGroup { group in
            var queue = CardQueue()
            var tries: [GameID: Int] = [:]
            var alarm: (at: Duration, task: Task<Void, Never>)?
            defer { alarm?.task.cancel() }
            for await input in inputs {
                let actions: [CardQueue.Action]
                switch input {
                case .noted(let game, let channel): actions = queue.noted(game, channel: channel)
                case .finished(let game, let outcome):
                    if case .retry = outcome { tries[game, default: 0] += 1 } else { tries[game] = nil }
                    actions = queue.finished(game, outcome, at: timeline.now)
                case .alarm:
                    alarm = nil
                    actions = queue.timerFired(at: timeline.now)
                }
                for action in actions {
                    switch action {
                    case .refresh(let game):
                        let count = tries[game] ?? 0
                        group.addTask { [work, feed] in
                            feed.yield(.finished(game, await work.refresh(game, tries: count)))
                        }
                    case .wake(let moment):
                        if alarm?.at == moment { continue }
                        alarm?.task.cancel()
                        alarm = moment.map { moment in
                            (
                                moment,
                                Task { [timeline, feed] in
                                    if (try? await timeline.sleep(until: moment)) != nil { feed.yield(.alarm) }
                                }
                            )
                        }
                    }
                }
            }
        }
    }
}
