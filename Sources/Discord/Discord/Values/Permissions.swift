/// What a role or member may do. A string of digits in JSON; read from a number as well. See Discord's Permissions
/// (topics/permissions).
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct Permissions: OptionSet, Hashable, Sendable, NeutralValue {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let createInstantInvite = Permissions(rawValue: 1 << 0)
    package static let kickMembers = Permissions(rawValue: 1 << 1)
    package static let banMembers = Permissions(rawValue: 1 << 2)
    package static let administrator = Permissions(rawValue: 1 << 3)
    package static let manageChannels = Permissions(rawValue: 1 << 4)
    package static let manageGuild = Permissions(rawValue: 1 << 5)
    package static let addReactions = Permissions(rawValue: 1 << 6)
    package static let viewAuditLog = Permissions(rawValue: 1 << 7)
    package static let prioritySpeaker = Permissions(rawValue: 1 << 8)
    package static let stream = Permissions(rawValue: 1 << 9)
    package static let viewChannel = Permissions(rawValue: 1 << 10)
    package static let sendMessages = Permissions(rawValue: 1 << 11)
    package static let sendTTSMessages = Permissions(rawValue: 1 << 12)
    package static let manageMessages = Permissions(rawValue: 1 << 13)
    package static let embedLinks = Permissions(rawValue: 1 << 14)
    package static let attachFiles = Permissions(rawValue: 1 << 15)
    package static let readMessageHistory = Permissions(rawValue: 1 << 16)
    package static let mentionEveryone = Permissions(rawValue: 1 << 17)
    package static let useExternalEmojis = Permissions(rawValue: 1 << 18)
    package static let viewGuildInsights = Permissions(rawValue: 1 << 19)
    package static let connect = Permissions(rawValue: 1 << 20)
    package static let speak = Permissions(rawValue: 1 << 21)
    package static let muteMembers = Permissions(rawValue: 1 << 22)
    package static let deafenMembers = Permissions(rawValue: 1 << 23)
    package static let moveMembers = Permissions(rawValue: 1 << 24)
    package static let useVoiceActivity = Permissions(rawValue: 1 << 25)
    package static let changeNickname = Permissions(rawValue: 1 << 26)
    package static let manageNicknames = Permissions(rawValue: 1 << 27)
    package static let manageRoles = Permissions(rawValue: 1 << 28)
    package static let manageWebhooks = Permissions(rawValue: 1 << 29)
    package static let manageGuildExpressions = Permissions(rawValue: 1 << 30)
    package static let useApplicationCommands = Permissions(rawValue: 1 << 31)
    package static let requestToSpeak = Permissions(rawValue: 1 << 32)
    package static let manageEvents = Permissions(rawValue: 1 << 33)
    package static let manageThreads = Permissions(rawValue: 1 << 34)
    package static let createPublicThreads = Permissions(rawValue: 1 << 35)
    package static let createPrivateThreads = Permissions(rawValue: 1 << 36)
    package static let useExternalStickers = Permissions(rawValue: 1 << 37)
    package static let sendMessagesInThreads = Permissions(rawValue: 1 << 38)
    package static let useEmbeddedActivities = Permissions(rawValue: 1 << 39)
    package static let moderateMembers = Permissions(rawValue: 1 << 40)
    package static let viewCreatorMonetizationAnalytics = Permissions(rawValue: 1 << 41)
    package static let useSoundboard = Permissions(rawValue: 1 << 42)
    package static let createGuildExpressions = Permissions(rawValue: 1 << 43)
    package static let createEvents = Permissions(rawValue: 1 << 44)
    package static let useExternalSounds = Permissions(rawValue: 1 << 45)
    package static let sendVoiceMessages = Permissions(rawValue: 1 << 46)
    package static let sendPolls = Permissions(rawValue: 1 << 49)
    package static let useExternalApps = Permissions(rawValue: 1 << 50)
    package static let pinMessages = Permissions(rawValue: 1 << 51)

    /// Every documented permission.
    package static let all = Permissions(rawValue: (1 << 47) - 1 | 0b111 << 49)

    package static var neutral: Permissions { [] }
}

extension Permissions: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            guard let value = UInt64(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a set of permissions")
            }
            rawValue = value
        } else {
            rawValue = try container.decode(UInt64.self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(rawValue))
    }
}
