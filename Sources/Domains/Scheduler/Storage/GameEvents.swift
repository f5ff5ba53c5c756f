import Guilds
import Store

/// The events of games, on the topic of their guild.
package enum GameEvent: String, Sendable, CaseIterable {
    case created = "game.created"
    case updated = "game.updated"
    case cancelled = "game.cancelled"
    case started = "game.started"
    case completed = "game.completed"

    /// The `type` of the payload: `game_created` and so on.
    package var type: String {
        switch self {
        case .created: "game_created"
        case .updated: "game_updated"
        case .cancelled: "game_cancelled"
        case .started: "game_started"
        case .completed: "game_completed"
        }
    }

    /// The payload has only identifiers and the game's version after the change: each reader asks for the game as the user that
    /// they are, unless they have that version.
    func draft(_ game: GameID, _ guild: GuildID, version: Int64, command: Command?) -> EventDraft {
        let cause = command.map { #","command_id":"\#($0.key)""# } ?? ""
        return EventDraft(
            topic: CommunityTopic.name(of: guild), kind: rawValue,
            payload: #"{"type":"\#(type)","game_id":"\#(game)","guild_id":"\#(guild)","version":\#(version)\#(cause)}"#)
    }
}
