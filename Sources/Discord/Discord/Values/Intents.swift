/// The groups of events that a session receives. `guildMembers`, `guildPresences` and `messageContent` are privileged. See
/// Discord's Gateway Intents (events/gateway#gateway-intents).
package struct Intents: OptionSet, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let guilds = Intents(rawValue: 1 << 0)
    package static let guildMembers = Intents(rawValue: 1 << 1)
    package static let guildModeration = Intents(rawValue: 1 << 2)
    package static let guildExpressions = Intents(rawValue: 1 << 3)
    package static let guildIntegrations = Intents(rawValue: 1 << 4)
    package static let guildWebhooks = Intents(rawValue: 1 << 5)
    package static let guildInvites = Intents(rawValue: 1 << 6)
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
    package static let autoModerationConfiguration = Intents(rawValue: 1 << 20)
    package static let autoModerationExecution = Intents(rawValue: 1 << 21)
    package static let guildMessagePolls = Intents(rawValue: 1 << 24)
    package static let directMessagePolls = Intents(rawValue: 1 << 25)

    package static var neutral: Intents { [] }
}
