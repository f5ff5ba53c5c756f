/// Gateway intents (API v10, "Gateway Intents").
package struct Intents: OptionSet, Sendable, Hashable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let guilds = Intents(rawValue: 1 << 0)
    package static let guildMembers = Intents(rawValue: 1 << 1)
    package static let guildModeration = Intents(rawValue: 1 << 2)
    package static let guildVoiceStates = Intents(rawValue: 1 << 7)
    package static let guildPresences = Intents(rawValue: 1 << 8)
    package static let guildMessages = Intents(rawValue: 1 << 9)
    package static let guildMessageReactions = Intents(rawValue: 1 << 10)
    package static let guildMessageTyping = Intents(rawValue: 1 << 11)
    package static let directMessages = Intents(rawValue: 1 << 12)
    package static let directMessageReactions = Intents(rawValue: 1 << 13)
    package static let directMessageTyping = Intents(rawValue: 1 << 14)
    package static let messageContent = Intents(rawValue: 1 << 15)
    package static let guildScheduledEvents = Intents(rawValue: 1 << 16)

    /// Every bit that is documented: 0–16, 20, 21, 24, 25.
    package static let documented = Intents(rawValue: 0x1FFFF | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25)
}

/// One gateway event, before it is known which sessions receive it.
package struct Dispatch: Sendable {
    package enum Audience: Sendable, Equatable {
        /// Every application installed in the guild.
        case guild(UInt64)
        /// Of those, the ones that may see this channel.
        case channel(UInt64, guild: UInt64)
        /// One application, whatever guilds it is in; the guild decides the shard.
        case application(UInt64, guild: UInt64?)
    }

    package let event: String
    package let data: JSON
    package let audience: Audience
    /// Which intent a session must have asked for; empty: none.
    package let intent: Intents
    /// The user the event is about: a member update reaches its own bot without the intent.
    package let subject: UInt64?
    /// An application that must not hear of it: a bot that is being installed learns everything by its GUILD_CREATE.
    package var exception: UInt64?
}
