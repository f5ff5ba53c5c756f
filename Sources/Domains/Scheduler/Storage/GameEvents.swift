import Guilds
import Store

/// What happens to games, as it is told on the topic of their guild.
package enum GameEvent: String, Sendable, CaseIterable {
    case created = "game.created"
    case updated = "game.updated"
    case cancelled = "game.cancelled"
    case started = "game.started"
    case completed = "game.completed"

    /// As the payload calls it: `game_created` and so on.
    package var type: String { rawValue.replacing(".", with: "_") }

    /// Only identifiers are told: what a game is, each reader asks for as the person they are.
    func draft(_ game: GameID, _ guild: GuildID, command: Command?) -> EventDraft {
        let cause = command.map { #","command_id":"\#($0.key)""# } ?? ""
        return EventDraft(
            topic: CommunityTopic.name(of: guild), kind: rawValue,
            payload: #"{"type":"\#(type)","game_id":"\#(game)","guild_id":"\#(guild)"\#(cause)}"#)
    }
}
