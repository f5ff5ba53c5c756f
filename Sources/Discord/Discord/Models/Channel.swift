package import Core

/// A channel or thread of any kind. See Discord's Channel Object (resources/channel#channel-object).
package struct Channel: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var type: ChannelType
    package var guildID: Snowflake?
    package var position: Int?
    package var permissionOverwrites: [PermissionOverwrite]?
    @Nullable package var name: String?
    @Nullable package var topic: String?
    package var nsfw: Bool?
    @Nullable package var lastMessageID: Snowflake?
    package var bitrate: Int?
    /// 0 means no limit.
    package var userLimit: Int?
    package var rateLimitPerUser: Int?
    package var recipients: [User]?
    package var icon: String?
    package var ownerID: Snowflake?
    package var applicationID: Snowflake?
    package var managed: Bool?
    @Nullable package var parentID: Snowflake?
    @Nullable package var lastPinTimestamp: Timestamp?
    @Nullable package var rtcRegion: String?
    package var videoQualityMode: Int?
    package var messageCount: Int?
    package var memberCount: Int?
    package var threadMetadata: JSONValue?
    package var member: JSONValue?
    package var defaultAutoArchiveDuration: Int?
    /// The invoking user's, only in resolved data of an interaction.
    package var permissions: Permissions?
    package var flags: Int?
    package var totalMessageSent: Int?
    package var availableTags: JSONValue?
    package var appliedTags: [Snowflake]?
    package var defaultReactionEmoji: JSONValue?
    package var defaultThreadRateLimitPerUser: Int?
    package var defaultSortOrder: Int?
    package var defaultForumLayout: Int?

    package init(
        id: Snowflake, type: ChannelType, guildID: Snowflake? = nil, position: Int? = nil,
        permissionOverwrites: [PermissionOverwrite]? = nil, name: String? = nil, topic: String? = nil,
        bitrate: Int? = nil, userLimit: Int? = nil, parentID: Snowflake? = nil
    ) {
        self.id = id
        self.type = type
        self.guildID = guildID
        self.position = position
        self.permissionOverwrites = permissionOverwrites
        self.name = name
        self.topic = topic
        self.lastMessageID = nil
        self.bitrate = bitrate
        self.userLimit = userLimit
        self.parentID = parentID
        self.lastPinTimestamp = nil
        self.rtcRegion = nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, position, name, topic, nsfw, bitrate, recipients, icon, managed, member, permissions, flags
        case guildID = "guild_id"
        case permissionOverwrites = "permission_overwrites"
        case lastMessageID = "last_message_id"
        case userLimit = "user_limit"
        case rateLimitPerUser = "rate_limit_per_user"
        case ownerID = "owner_id"
        case applicationID = "application_id"
        case parentID = "parent_id"
        case lastPinTimestamp = "last_pin_timestamp"
        case rtcRegion = "rtc_region"
        case videoQualityMode = "video_quality_mode"
        case messageCount = "message_count"
        case memberCount = "member_count"
        case threadMetadata = "thread_metadata"
        case defaultAutoArchiveDuration = "default_auto_archive_duration"
        case totalMessageSent = "total_message_sent"
        case availableTags = "available_tags"
        case appliedTags = "applied_tags"
        case defaultReactionEmoji = "default_reaction_emoji"
        case defaultThreadRateLimitPerUser = "default_thread_rate_limit_per_user"
        case defaultSortOrder = "default_sort_order"
        case defaultForumLayout = "default_forum_layout"
    }
}

/// What one role or member is allowed or denied in one channel. See Discord's Overwrite Object
/// (resources/channel#overwrite-object).
package struct PermissionOverwrite: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var type: OverwriteType
    @Tolerant package var allow: Permissions
    @Tolerant package var deny: Permissions

    package init(id: Snowflake, type: OverwriteType, allow: Permissions = [], deny: Permissions = []) {
        self.id = id
        self.type = type
        self.allow = allow
        self.deny = deny
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, allow, deny
    }
}
