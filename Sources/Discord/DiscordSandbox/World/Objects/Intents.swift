/// The groups of events that a session receives. See Discord's Gateway Intents (events/gateway#gateway-intents).
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

    /// Every documented bit: 0–16, 20, 21, 24, 25.
    package static let documented = Intents(rawValue: 0x1FFFF | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25)
}
