package import Guilds
package import Store

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
    /// they are, unless they have that version. `place(of:)` reads what it begins with.
    func draft(_ game: some GameIdentity, version: Int64, command: Command?) -> EventDraft {
        let cause = command.map { #","command_id":"\#($0.key)""# } ?? ""
        let place = #""guild_id":"\#(game.guildID)","channel_id":"\#(game.channelID)","host_id":"\#(game.hostID)""#
        return EventDraft(
            topic: CommunityTopic.name(of: game.guildID), kind: rawValue,
            payload: #"{"type":"\#(type)","game_id":"\#(game.id)",\#(place),"version":\#(version)\#(cause)}"#)
    }

    /// The game that a payload as `draft` writes it is about.
    func game(in payload: String) -> GameID? {
        var rest = Substring(payload)
        guard rest.skip(beginning) else { return nil }
        return GameID(rest.prefix(36))
    }

    /// Where the game is that an event is about, and who hosts it: who may be told. `nil` for any other event, also of other
    /// programs, which may have any payload.
    package static func place(of event: Event) -> (channel: ChannelID, host: UserID)? {
        guard let kind = GameEvent(rawValue: event.kind) else { return nil }
        var rest = Substring(event.payload)
        guard rest.skip(kind.beginning), GameID(rest.prefix(36)) != nil else { return nil }
        rest = rest.dropFirst(36)
        guard rest.skip(#"","guild_id":""#), rest.number() != nil, rest.skip(#"","channel_id":""#),
            let channel = rest.number(), rest.skip(#"","host_id":""#), let host = rest.number()
        else { return nil }
        return (ChannelID(channel), UserID(host))
    }

    private var beginning: String { #"{"type":"\#(type)","game_id":""# }
}

extension Substring {
    /// Returns whether it began with `text`, which is then gone.
    fileprivate mutating func skip(_ text: String) -> Bool {
        guard hasPrefix(text) else { return false }
        self = self[index(startIndex, offsetBy: text.count)...]
        return true
    }

    /// Takes the digits that it begins with.
    fileprivate mutating func number() -> Int64? {
        let digits = prefix { ("0"..."9").contains($0) }
        self = self[digits.endIndex...]
        return Int64(digits)
    }
}
