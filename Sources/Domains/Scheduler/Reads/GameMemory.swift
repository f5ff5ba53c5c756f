import Core
import Guilds
package import Store

/// What this process remembers of games, encoded once for all who may see it. Who may is decided for each request.
package final class GameMemory: Sendable {
    /// A game with what decides who may know of it.
    struct RememberedGame: Sendable {
        let guild: GuildID
        let channel: ChannelID
        let host: UserID
        let json: EncodedJSON

        init(_ game: Game) {
            (guild, channel, host) = (game.guildID, game.channelID, game.host.id)
            json = EncodedJSON(game)
        }

        func isVisible(to user: UserID, _ viewer: Viewer) -> Bool {
            host == user || viewer.permissions.managesGuild || viewer.channels.contains(channel)
        }
    }

    /// A page of a list, for everybody who sees the same of the same guilds.
    struct ListKey: Hashable, Sendable {
        let filter: GameFilter
        let guilds: [GuildID]
        /// What is seen of each guild, as `Viewer.view` names it.
        let views: [String]
        /// The user, where the list depends on them and not only on what they see.
        let user: UserID?

        init(_ filter: GameFilter, _ viewers: [(guild: GuildID, viewer: Viewer)], user: UserID?) {
            self.filter = filter
            guilds = viewers.map(\.guild)
            views = viewers.map(\.viewer.view)
            self.user = user
        }
    }

    let games: ReadTable<GameID, RememberedGame>
    let lists: ReadTable<ListKey, EncodedJSON>
    /// In which channels the hosts of a guild's games have some: they see these even where they don't see the channel.
    let hosts: ReadTable<GuildID, [UserID: Set<ChannelID>]>

    /// - Parameter bytes: how much is remembered, roughly.
    package init(_ memory: ReadMemory, bytes: Int = 64 * 1024 * 1024) {
        games = ReadTable(memory, "games", bytes: bytes / 2)
        lists = ReadTable(memory, "lists", bytes: bytes / 8 * 3)
        hosts = ReadTable(memory, "hosts", bytes: bytes / 8)
    }
}

/// What remembered reads of games are about, and what events change.
package enum GameSubject {
    static func game(_ id: GameID) -> String { "game/\(id)" }
    /// All games of a guild.
    static func games(_ guild: GuildID) -> String { "games/\(guild)" }
    /// Who hosts games in a guild, and where.
    static func hosts(_ guild: GuildID) -> String { "hosts/\(guild)" }

    /// What an event changes. Also events of other programs, which may have any payload: without a game it's every game.
    package static func changed(by event: EventDraft) -> [String] {
        guard let kind = GameEvent(rawValue: event.kind), case .guild(let guild)? = CommunityTopic(event.topic) else {
            return []
        }
        guard let game = kind.game(in: event.payload) else {
            return [games(guild), hosts(guild), CommunitySubject.names(guild)]
        }
        return [Self.game(game), games(guild)] + (kind == .created ? [hosts(guild)] : [])
    }
}
