/// The body of a request that creates a channel in a guild. See Discord's Create Guild Channel
/// (resources/guild#create-guild-channel). Voice rooms will use it.
package struct ChannelDraft: Codable, Hashable, Sendable {
    package var name: String
    @Tolerant package var type: ChannelType
    package var topic: String?
    package var bitrate: Int?
    /// 0–99 for voice; 0 means no limit.
    package var userLimit: Int?
    package var position: Int?
    package var permissionOverwrites: [PermissionOverwrite]?
    package var parentID: Snowflake?
    package var nsfw: Bool?

    package init(
        name: String, type: ChannelType = .guildText, topic: String? = nil, bitrate: Int? = nil,
        userLimit: Int? = nil, position: Int? = nil, permissionOverwrites: [PermissionOverwrite]? = nil,
        parentID: Snowflake? = nil, nsfw: Bool? = nil
    ) {
        self.name = name
        self.type = type
        self.topic = topic
        self.bitrate = bitrate
        self.userLimit = userLimit
        self.position = position
        self.permissionOverwrites = permissionOverwrites
        self.parentID = parentID
        self.nsfw = nsfw
    }

    private enum CodingKeys: String, CodingKey {
        case name, type, topic, bitrate, position, nsfw
        case userLimit = "user_limit"
        case permissionOverwrites = "permission_overwrites"
        case parentID = "parent_id"
    }
}
