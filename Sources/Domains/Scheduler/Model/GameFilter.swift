package import Guilds

/// Which games a list should have.
package struct GameFilter: Sendable, Hashable {
    package enum Role: String, Sendable, CaseIterable {
        case host, participant
    }

    package var guildID: GuildID?
    package var channelID: ChannelID?
    /// Empty for every status.
    package var statuses: Set<Game.Status>
    /// Only games in which the one who asks has this part.
    package var role: Role?
    /// 1 to 100.
    package var limit: Int
    package var after: GameCursor?

    package init(
        guildID: GuildID? = nil, channelID: ChannelID? = nil, statuses: Set<Game.Status> = [], role: Role? = nil,
        limit: Int = 50, after: GameCursor? = nil
    ) {
        self.guildID = guildID
        self.channelID = channelID
        self.statuses = statuses
        self.role = role
        self.limit = min(max(limit, 1), 100)
        self.after = after
    }
}

extension GameFilter {
    /// Whether games that are over are among those asked for.
    var beginsWithLatest: Bool { statuses.isEmpty || !statuses.isSubset(of: [.scheduled, .inProgress]) }
}

/// Where a page of a list ends: lists are ordered by the time of the game, then by its identifier.
package struct GameCursor: Sendable, Hashable, CustomStringConvertible {
    let scheduledAt: Int64
    let id: GameID

    init(_ game: Game) {
        scheduledAt = game.scheduledAt
        id = game.id
    }

    /// `nil` unless `text` is what `description` writes.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), String(time) == parts[0], let id = GameID(parts[1]) else {
            return nil
        }
        scheduledAt = time
        self.id = id
    }

    package var description: String { "\(scheduledAt)_\(id)" }
}

package struct GamePage: Sendable, Hashable {
    package let games: [Game]
    /// Where the next page begins; `nil` after the last.
    package let next: GameCursor?
}

/// A request as its sender numbered it, so that sending it again does nothing twice.
package struct Command: Sendable, Hashable {
    /// Told in the events that the command causes, as `command_id`.
    package let key: String
    /// What was asked, in a form that differs when the request differs.
    package let fingerprint: String

    /// `nil` unless `key` is 1 to 128 of the letters, digits and `-._:~`.
    package init?(key: String, fingerprint: String) {
        let isWellFormed = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "~"):
                true
            default: false
            }
        }
        guard isWellFormed, (1...128).contains(key.utf8.count) else { return nil }
        self.key = key
        self.fingerprint = fingerprint
    }
}
