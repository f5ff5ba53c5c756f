package import Guilds

/// Which games a list has.
package struct GameFilter: Sendable, Hashable {
    /// The user's part in a game.
    package enum Role: String, Sendable, CaseIterable {
        case host, participant
    }

    package var guildID: GuildID?
    package var channelID: ChannelID?
    /// Empty for every status.
    package var statuses: Set<Game.Status>
    /// Only games in which the user who asks has this part.
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
    /// Whether the list begins with the latest game: if games that are over are among those asked for.
    var beginsWithLatest: Bool { statuses.isEmpty || !statuses.isSubset(of: [.scheduled, .inProgress]) }
}

/// Where a page of a list ends. Lists are ordered by the time of the game, then by its identifier.
package struct GameCursor: Sendable, Hashable, CustomStringConvertible {
    let scheduledAt: Int64
    let id: GameID

    init(_ game: Game) {
        scheduledAt = game.scheduledAt
        id = game.id
    }

    /// Parses a `description`; `nil` for anything else.
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

/// One page of a list of games.
package struct GamePage: Sendable, Hashable {
    package let games: [Game]
    /// Where the next page begins; `nil` after the last.
    package let next: GameCursor?
}
