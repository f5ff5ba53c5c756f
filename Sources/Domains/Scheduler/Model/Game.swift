import Core
package import Guilds

/// What makes a game itself and nothing else: a random UUID in lower case.
package struct GameID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package static func random() -> GameID { GameID(known: Identifier.random()) }

    /// `nil` unless `text` has exactly the form of a game's identifier.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        guard Identifier.isValid(text) else { return nil }
        description = text
    }

    /// For text that came from `description`.
    init(known text: String) { description = text }
}

/// A session of play that somebody announces and others sign up for.
package struct Game: Hashable, Sendable {
    package enum Status: String, Sendable, CaseIterable, Codable {
        case scheduled
        case inProgress = "in_progress"
        case completed
        case cancelled
    }

    /// How people come to be players.
    package enum SignupMethod: String, Sendable, CaseIterable, Codable {
        /// Whoever sees the channel may sign up.
        case selfSignup = "self_signup"
    }

    package struct Host: Hashable, Sendable, Codable {
        package let id: UserID
        package let name: String
    }

    package let id: GameID
    package let guildID: GuildID
    package let channelID: ChannelID
    /// The card in the channel, once the bot has posted it.
    package let messageID: MessageID?
    package let title: String
    package let description: String
    /// Where people meet: an address, a room, a link.
    package let place: String
    /// Milliseconds since 1970.
    package let scheduledAt: Int64
    package let durationMinutes: Int
    package let maxPlayers: Int
    package let signupMethod: SignupMethod
    package let status: Status
    package let host: Host
    /// In the order of joining: the first `maxPlayers` have a seat, the others wait.
    package let participants: [Participant]
    /// Grows with every change of anything in here.
    package let version: Int64

    package var confirmed: ArraySlice<Participant> { participants.prefix(maxPlayers) }
    package var waiting: ArraySlice<Participant> { participants.dropFirst(maxPlayers) }
}

/// Somebody who signed up for a game.
package struct Participant: Hashable, Sendable {
    package enum State: String, Sendable, Codable {
        case confirmed, waiting
    }

    package let userID: UserID
    package let displayName: String
    /// Milliseconds since 1970.
    package let joinedAt: Int64
    package let state: State
}
