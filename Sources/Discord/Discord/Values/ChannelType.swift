/// The kind of a channel. Unknown numbers are kept. See Discord's Channel Types
/// (resources/channel#channel-object-channel-types).
package struct ChannelType: RawRepresentable, Codable, Hashable, Sendable, NeutralValue {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let guildText = ChannelType(rawValue: 0)
    package static let direct = ChannelType(rawValue: 1)
    package static let guildVoice = ChannelType(rawValue: 2)
    package static let groupDirect = ChannelType(rawValue: 3)
    package static let guildCategory = ChannelType(rawValue: 4)
    package static let guildAnnouncement = ChannelType(rawValue: 5)
    package static let announcementThread = ChannelType(rawValue: 10)
    package static let publicThread = ChannelType(rawValue: 11)
    package static let privateThread = ChannelType(rawValue: 12)
    package static let guildStageVoice = ChannelType(rawValue: 13)
    package static let guildDirectory = ChannelType(rawValue: 14)
    package static let guildForum = ChannelType(rawValue: 15)
    package static let guildMedia = ChannelType(rawValue: 16)

    package static var neutral: ChannelType { .guildText }
}
