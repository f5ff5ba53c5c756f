package import Scheduler

/// Which cards are to be brought up to date, and when: one at a time in each channel, each game in line once however
/// often it changes, again when it changed while it was being done, and later when that failed. It reads no clock.
package struct CardQueue {
    package enum Action: Hashable {
        case refresh(GameID)
        /// Call `timerFired` at that time; replaces an earlier wish.
        case wake(at: Duration?)
    }

    package enum Outcome: Hashable {
        case done
        case retry(after: Duration)
    }

    private struct Lane {
        var line: [GameID] = []
        var current: GameID?
    }

    private struct Entry {
        var lane: Int64
        var isInLine = false
        var isCurrent = false
        var changedMeanwhile = false
        var retryAt: Duration?
    }

    private var lanes: [Int64: Lane] = [:]
    private var entries: [GameID: Entry] = [:]
    private var running = 0
    private let width: Int

    /// - Parameter width: how many are done at a time, over all channels.
    package init(width: Int = 16) { self.width = width }

    /// Games that are being done or have to be.
    package var count: Int { entries.count }

    /// The game changed, or its card may not be what it should.
    package mutating func noted(_ game: GameID, channel: Int64) -> [Action] {
        if entries[game] == nil { entries[game] = Entry(lane: channel) }
        if entries[game]?.isCurrent == true {
            entries[game]?.changedMeanwhile = true
            return []
        }
        entries[game]?.retryAt = nil
        stand(game)
        return proceed()
    }

    package mutating func finished(_ game: GameID, _ outcome: Outcome, at now: Duration) -> [Action] {
        guard var entry = entries[game], entry.isCurrent else { return [] }
        lanes[entry.lane]?.current = nil
        running -= 1
        entry.isCurrent = false
        let again = entry.changedMeanwhile
        entry.changedMeanwhile = false
        switch outcome {
        // A change while a failing card is tried doesn't make Discord any better: the rest is kept.
        case .retry(let rest): entry.retryAt = now + rest
        case .done: entry.retryAt = nil
        }
        entries[game] = entry
        if entry.retryAt == nil {
            if again { stand(game) } else { entries[game] = nil }
        }
        return proceed()
    }

    package mutating func timerFired(at now: Duration) -> [Action] {
        for (game, entry) in entries.sorted(by: { $0.key.description < $1.key.description }) {
            if let retryAt = entry.retryAt, retryAt <= now {
                entries[game]?.retryAt = nil
                stand(game)
            }
        }
        return proceed()
    }

    private mutating func stand(_ game: GameID) {
        guard let entry = entries[game], !entry.isInLine else { return }
        entries[game]?.isInLine = true
        lanes[entry.lane, default: Lane()].line.append(game)
    }

    private mutating func proceed() -> [Action] {
        var actions: [Action] = []
        for channel in lanes.keys.sorted() where running < width {
            guard var lane = lanes[channel], lane.current == nil else { continue }
            if lane.line.isEmpty {
                lanes[channel] = nil
                continue
            }
            let game = lane.line.removeFirst()
            lane.current = game
            lanes[channel] = lane
            entries[game]?.isInLine = false
            entries[game]?.isCurrent = true
            running += 1
            actions.append(.refresh(game))
        }
        actions.append(.wake(at: entries.values.compactMap(\.retryAt).min()))
        return actions
    }
}
