import Core
package import Scheduler

/// Decides which cards are refreshed, and when: one at a time in each channel, each game queued once however often it
/// changes, again if it changed while it was refreshed, and later if that failed. It reads no clock.
///
/// It holds at most `limit` games. Those that find it full are left out, to be read from the database once half of it is
/// free.
package struct CardQueue {
    /// What the owner has to do.
    package enum Action: Hashable {
        /// Refresh the card and report the outcome with `finished`.
        case refresh(GameID)
        /// Call `timerFired` at that time; replaces an earlier time. `nil`: don't call it.
        case wake(at: Duration?)
        /// Games were left out: read the outdated cards and report them with `reloaded`.
        case reload
    }

    /// How a refresh ended.
    package enum Outcome: Hashable {
        case done
        case retry(after: Duration)
    }

    private struct Lane {
        var waiting = Deque<GameID>()
        var current: GameID?
    }

    private struct Entry {
        enum State: Hashable {
            case waiting
            case refreshing(changedMeanwhile: Bool)
            case resting(until: Duration)
        }

        let channel: Int64
        var state = State.waiting
        /// How many attempts have failed in a row.
        var failures = 0

        var retryAt: Duration? { if case .resting(let end) = state { end } else { nil } }
    }

    /// How many are refreshed at a time, over all channels.
    package let width: Int
    /// How many games are held.
    package let limit: Int
    private var lanes: [Int64: Lane] = [:]
    private var entries: [GameID: Entry] = [:]
    private var refreshing = 0
    /// Whether games were left out, and whether they have been asked for.
    private var isIncomplete = false
    private var isReloading = false

    package init(width: Int = 16, limit: Int = 10_000) {
        precondition(width > 0 && limit > 0)
        self.width = width
        self.limit = limit
    }

    /// How many games are held.
    package var count: Int { entries.count }

    /// How many attempts at the game's card have failed in a row.
    package func failures(of game: GameID) -> Int { entries[game]?.failures ?? 0 }

    /// The game changed, or its card may be outdated.
    package mutating func noted(_ game: GameID, channel: Int64) -> [Action] {
        note(game, channel)
        return proceed()
    }

    /// These cards are outdated according to the database. Those that wait or rest stay as they are; one that is being
    /// refreshed is refreshed again, because what it shows in the end may be older than what made it outdated.
    package mutating func reloaded(_ cards: some Sequence<(game: GameID, channel: Int64)>) -> [Action] {
        isReloading = false
        for card in cards {
            switch entries[card.game]?.state {
            case nil, .refreshing: note(card.game, card.channel)
            case .waiting, .resting: break
            }
        }
        return proceed()
    }

    /// The refresh of the game's card has ended.
    package mutating func finished(_ game: GameID, _ outcome: Outcome, at now: Duration) -> [Action] {
        guard var entry = entries[game], case .refreshing(let hasChanged) = entry.state else { return [] }
        lanes[entry.channel]?.current = nil
        refreshing -= 1
        switch outcome {
        // Kept also when the game changed meanwhile: that doesn't make Discord any better.
        case .retry(let pause):
            entry.failures += 1
            entry.state = .resting(until: now + pause)
            entries[game] = entry
        case .done:
            entries[game] = nil
            if hasChanged { note(game, entry.channel) }
        }
        return proceed()
    }

    /// The time of the last `wake` has come.
    package mutating func timerFired(at now: Duration) -> [Action] {
        let due = entries.filter { $0.value.retryAt.map { $0 <= now } ?? false }
        for game in due.keys.sorted(by: { $0.description < $1.description }) { enqueue(game) }
        return proceed()
    }

    private mutating func note(_ game: GameID, _ channel: Int64) {
        switch entries[game]?.state {
        case nil where entries.count >= limit: isIncomplete = true
        case nil:
            entries[game] = Entry(channel: channel)
            enqueue(game)
        case .waiting: break
        case .refreshing: entries[game]?.state = .refreshing(changedMeanwhile: true)
        case .resting: enqueue(game)
        }
    }

    private mutating func enqueue(_ game: GameID) {
        guard let channel = entries[game]?.channel else { return }
        entries[game]?.state = .waiting
        lanes[channel, default: Lane()].waiting.append(game)
    }

    private mutating func proceed() -> [Action] {
        var actions: [Action] = []
        for channel in lanes.keys.sorted() where refreshing < width {
            guard var lane = lanes[channel], lane.current == nil else { continue }
            guard let game = lane.waiting.popFirst() else {
                lanes[channel] = nil
                continue
            }
            lane.current = game
            lanes[channel] = lane
            entries[game]?.state = .refreshing(changedMeanwhile: false)
            refreshing += 1
            actions.append(.refresh(game))
        }
        if isIncomplete, !isReloading, entries.count <= limit / 2 {
            (isIncomplete, isReloading) = (false, true)
            actions.append(.reload)
        }
        actions.append(.wake(at: entries.values.compactMap(\.retryAt).min()))
        return actions
    }
}
