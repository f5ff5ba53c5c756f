/// Properties of a message. See Discord's Message Flags (resources/message#message-object-message-flags).
package struct MessageFlags: OptionSet, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let crossposted = MessageFlags(rawValue: 1 << 0)
    package static let isCrosspost = MessageFlags(rawValue: 1 << 1)
    package static let suppressEmbeds = MessageFlags(rawValue: 1 << 2)
    package static let sourceMessageDeleted = MessageFlags(rawValue: 1 << 3)
    package static let urgent = MessageFlags(rawValue: 1 << 4)
    package static let hasThread = MessageFlags(rawValue: 1 << 5)
    package static let ephemeral = MessageFlags(rawValue: 1 << 6)
    package static let loading = MessageFlags(rawValue: 1 << 7)
    package static let suppressNotifications = MessageFlags(rawValue: 1 << 12)
    package static let isComponentsV2 = MessageFlags(rawValue: 1 << 15)

    package static var neutral: MessageFlags { [] }
}
