import Core
import Scheduler

/// The cards that wait, in lanes that are served in turn: guilds first, within a guild its channels, within a channel one card
/// after the other. A guild with a thousand outdated cards delays another guild's only card by one turn.
///
/// Every operation costs the same however many wait.
struct CardLanes {
    private struct Channel {
        var waiting = Deque<GameID>()
        /// Whether one of its cards is being refreshed.
        var isBusy = false
    }

    private struct Guild {
        var channels: [Int64: Channel] = [:]
        /// Channels of which a card could be refreshed, in the order of their turns; each once.
        var ready = Deque<Int64>()
    }

    private var guilds: [Int64: Guild] = [:]
    /// Guilds with such channels, in the order of their turns; each once.
    private var turns = Deque<Int64>()
    /// How many elements were added or taken, for tests of what an input costs.
    private(set) var steps = 0

    /// The card waits behind the others of its lane.
    mutating func append(_ game: GameID, _ lane: CardQueue.Lane) {
        steps += 1
        var isReady = false
        withChannel(lane) { channel in
            channel.waiting.append(game)
            isReady = !channel.isBusy && channel.waiting.count == 1
        }
        if isReady { getInLine(lane) }
    }

    /// The card whose turn it is. Its channel is busy until `released`.
    mutating func next() -> GameID? {
        guard let guild = turns.popFirst(), let channel = guilds[guild]?.ready.popFirst() else { return nil }
        steps += 1
        if guilds[guild]?.ready.isEmpty == false { turns.append(guild) }
        var game: GameID?
        withChannel(CardQueue.Lane(guild: guild, channel: channel)) { channel in
            game = channel.waiting.popFirst()
            channel.isBusy = true
        }
        return game
    }

    /// The channel's card is no longer being refreshed: the next one's turn may come.
    mutating func released(_ lane: CardQueue.Lane) {
        steps += 1
        var isReady = false
        withChannel(lane) { channel in
            channel.isBusy = false
            isReady = !channel.waiting.isEmpty
        }
        if isReady { return getInLine(lane) }
        guilds[lane.guild]?.channels[lane.channel] = nil
        if guilds[lane.guild]?.channels.isEmpty == true { guilds[lane.guild] = nil }
    }

    private mutating func withChannel(_ lane: CardQueue.Lane, _ change: (inout Channel) -> Void) {
        change(&guilds[lane.guild, default: Guild()].channels[lane.channel, default: Channel()])
    }

    private mutating func getInLine(_ lane: CardQueue.Lane) {
        guilds[lane.guild]?.ready.append(lane.channel)
        if guilds[lane.guild]?.ready.count == 1 { turns.append(lane.guild) }
    }
}
