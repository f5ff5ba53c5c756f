import FoundationEssentials
import Guilds
import Scheduler

/// The part of a game event's payload that the bot needs.
struct GameReference: Decodable {
    private let gameID: String
    private let guildID: String?

    private enum CodingKeys: String, CodingKey {
        case gameID = "game_id"
        case guildID = "guild_id"
    }

    /// `nil` for a payload that names no game.
    init?(_ payload: String) {
        guard let reference = try? JSONDecoder().decode(GameReference.self, from: Data(payload.utf8)) else {
            return nil
        }
        self = reference
    }

    var id: GameID? { GameID(gameID) }
    /// The game's guild, if the event names it.
    var guild: GuildID? { guildID.flatMap { GuildID($0) } }
}
