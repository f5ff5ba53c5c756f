/// Features of an application; the `limited` flags are for bots in fewer than 100 guilds. See Discord's Application Flags
/// (resources/application#application-object-application-flags).
package struct ApplicationFlags: OptionSet, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let gatewayPresence = ApplicationFlags(rawValue: 1 << 12)
    package static let gatewayPresenceLimited = ApplicationFlags(rawValue: 1 << 13)
    package static let gatewayGuildMembers = ApplicationFlags(rawValue: 1 << 14)
    package static let gatewayGuildMembersLimited = ApplicationFlags(rawValue: 1 << 15)
    package static let gatewayMessageContent = ApplicationFlags(rawValue: 1 << 18)
    package static let gatewayMessageContentLimited = ApplicationFlags(rawValue: 1 << 19)
    package static let applicationCommandBadge = ApplicationFlags(rawValue: 1 << 23)

    package static var neutral: ApplicationFlags { [] }
}
