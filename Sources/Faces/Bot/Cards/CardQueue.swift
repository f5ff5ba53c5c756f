import Core
package import Guilds
package import Scheduler

/// Decides which cards are refreshed, and when: one at a time in each channel, guilds and their channels in turn, each game
/// queued once however often it changes, again if it changed while it was refreshed, and later if that failed. It reads no
/// clock, and an input costs O(log n), however many games are held.
///
/// It holds at most `limit` games. Those that find it full are left out, to be read from the database once half of it is
/// free.
package struct CardQueue {
    /// Where a card stands. Those of one lane are refreshed one after the other.
    package struct Lane: Hashable, Sendable {
        package let guild: Int64
        package let channel: Int64

        package init(guild: Int64, channel: Int64) {
            self.guild = guild
            self.channel = channel
        }

        package init(_ guild: GuildID, _ channel: ChannelID) {
            self.init(guild: guild.number, channel: channel.number)
        }
    }

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

    private struct Entry {
        enum State: Hashable {
            case waiting
            case refreshing(changedMeanwhile: Bool)
            case resting
        }

        let lane: Lane
        var state = State.waiting
        /// How many attempts have failed in a row.
        var failures = 0
    }

    /// How many are refreshed at a time, over all channels.
    package let width: Int
    /// How many games are held.
    package let limit: Int
    private var entries: [GameID: Entry] = [:]
    private var lanes = CardLanes()
    private var retries = RetryTimes()
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

    /// How many elements of its queues were touched until now, for tests of what an input costs.
    package var steps: Int { lanes.steps + retries.steps }

    /// How many attempts at the game's card have failed in a row.
    package func failures(of game: GameID) -> Int { entries[game]?.failures ?? 0 }

    /// The game changed, or its card may be outdated.
    package mutating func noted(_ game: GameID, _ lane: Lane) -> [Action] {
        note(game, lane)
        return proceed()
    }

    /// These cards are outdated according to the database. Those that wait or rest stay as they are; one that is being
    /// refreshed is refreshed again, because what it shows in the end may be older than what made it outdated.
    package mutating func reloaded(_ cards: some Sequence<(game: GameID, lane: Lane)>) -> [Action] {
        isReloading = false
        return swept(cards)
    }

    /// The same without having been asked for.
    package mutating func swept(_ cards: some Sequence<(game: GameID, lane: Lane)>) -> [Action] {
        for card in cards {
            switch entries[card.game]?.state {
            case nil, .refreshing: note(card.game, card.lane)
            case .waiting, .resting: break
            }
        }
        return proceed()
    }

    /// The refresh of the game's card has ended.
    package mutating func finished(_ game: GameID, _ outcome: Outcome, at now: Duration) -> [Action] {
        guard var entry = entries[game], case .refreshing(let hasChanged) = entry.state else { return [] }
        lanes.released(entry.lane)
        refreshing -= 1
        switch outcome {
        // Kept also when the game changed meanwhile: that doesn't make Discord any better.
        case .retry(let pause):
            entry.failures += 1
            entry.state = .resting
            entries[game] = entry
            retries.insert(game, at: now + pause)
        case .done:
            entries[game] = nil
            if hasChanged { note(game, entry.lane) }
        }
        return proceed()
    }

    /// The time of the last `wake` has come.
    package mutating func timerFired(at now: Duration) -> [Action] {
        while let game = retries.popDue(at: now) { enqueue(game) }
        return proceed()
    }

    private mutating func note(_ game: GameID, _ lane: Lane) {
        switch entries[game]?.state {
        case nil where entries.count >= limit: isIncomplete = true
        case nil:
            entries[game] = Entry(lane: lane)
            enqueue(game)
        case .waiting: break
        case .refreshing: entries[game]?.state = .refreshing(changedMeanwhile: true)
        case .resting:
            retries.remove(game)
            enqueue(game)
        }
    }

    private mutating func enqueue(_ game: GameID) {
        guard let lane = entries[game]?.lane else { return }
        entries[game]?.state = .waiting
        lanes.append(game, lane)
    }

    private mutating func proceed() -> [Action] {
        var actions: [Action] = []
        while refreshing < width, let game = lanes.next() {
            entries[game]?.state = .refreshing(changedMeanwhile: false)
            refreshing += 1
            actions.append(.refresh(game))
        }
        if isIncomplete, !isReloading, entries.count <= limit / 2 {
            (isIncomplete, isReloading) = (false, true)
            actions.append(.reload)
        }
        actions.append(.wake(at: retries.next))
        return actions
    }
}
