import Core
package import Guilds

/// Identifies a game: a random UUID in lower case.
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

/// A session of play that a host announces and players sign up for.
package struct Game: Hashable, Sendable {
    /// Where the game is in its life.
    package enum Status: String, Sendable, CaseIterable, Codable {
        case scheduled
        case inProgress = "in_progress"
        case completed
        case cancelled
    }

    /// How users become players.
    package enum SignupMethod: String, Sendable, CaseIterable, Codable {
        /// Members who see the channel sign up themselves.
        case selfSignup = "self_signup"
    }

    /// The user who announced the game, with the name that the guild shows.
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
    /// Where players meet: an address, a room, a link.
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
    /// Grows with every change of the game or its participants.
    package let version: Int64

    package var confirmed: ArraySlice<Participant> { participants.prefix(maxPlayers) }
    package var waiting: ArraySlice<Participant> { participants.dropFirst(maxPlayers) }
}

/// A user who signed up for a game.
package struct Participant: Hashable, Sendable {
    /// Whether the participant has a seat.
    package enum State: String, Sendable, Codable {
        case confirmed, waiting
    }

    package let userID: UserID
    package let displayName: String
    /// Milliseconds since 1970.
    package let joinedAt: Int64
    package let state: State
}
