import Guilds
import Store
import Synchronization

/// The guilds of games that were asked about lately. A game stays in its guild, so what was read once holds for good.
final class GameGuilds: Sendable {
    private let known = Mutex(Generations<GameID, GuildID>(limit: 32_768))

    /// The guild of a game, if it's remembered.
    subscript(game: GameID) -> GuildID? {
        get { known.withLock { $0.use(game) } }
        set { if let newValue { known.withLock { _ = $0.set(newValue, for: game) } } }
    }
}
