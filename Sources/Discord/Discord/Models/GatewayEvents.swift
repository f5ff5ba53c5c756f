package import Core

/// The first event of a session. See Discord's Ready (events/gateway-events#ready).
package struct Ready: Codable, Hashable, Sendable {
    @Tolerant package var version: Int
    package var user: User
    @Tolerant package var guilds: [UnavailableGuild]
    package var sessionID: String
    package var resumeGatewayURL: String
    package var shard: [Int]?
    package var application: ReadyApplication
    @Tolerant package var privateChannels: [JSONValue]
    @Tolerant package var presences: [JSONValue]
    @Tolerant package var relationships: [JSONValue]
    @Tolerant package var guildJoinRequests: [JSONValue]
    @Tolerant package var geoOrderedRTCRegions: [String]
    package var userSettings: JSONValue?
    @Tolerant package var sessionType: String

    package init(
        version: Int = 10, user: User, guilds: [UnavailableGuild] = [], sessionID: String, resumeGatewayURL: String,
        shard: [Int]? = nil, application: ReadyApplication
    ) {
        self.version = version
        self.user = user
        self.guilds = guilds
        self.sessionID = sessionID
        self.resumeGatewayURL = resumeGatewayURL
        self.shard = shard
        self.application = application
        self.privateChannels = []
        self.presences = []
        self.relationships = []
        self.guildJoinRequests = []
        self.geoOrderedRTCRegions = []
        self.sessionType = "normal"
    }

    private enum CodingKeys: String, CodingKey {
        case user, guilds, shard, application, presences, relationships
        case version = "v"
        case sessionID = "session_id"
        case resumeGatewayURL = "resume_gateway_url"
        case privateChannels = "private_channels"
        case guildJoinRequests = "guild_join_requests"
        case geoOrderedRTCRegions = "geo_ordered_rtc_regions"
        case userSettings = "user_settings"
        case sessionType = "session_type"
    }
}

/// The bot's application, as READY names it. See Discord's Ready (events/gateway-events#ready-ready-event-fields).
package struct ReadyApplication: Codable, Hashable, Sendable {
    package var id: Snowflake
    @Tolerant package var flags: ApplicationFlags

    package init(id: Snowflake, flags: ApplicationFlags = []) {
        self.id = id
        self.flags = flags
    }

    private enum CodingKeys: String, CodingKey {
        case id, flags
    }
}

/// A role was created or changed. See Discord's Guild Role Create and Guild Role Update
/// (events/gateway-events#guild-role-create).
package struct GuildRoleEvent: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    package var role: Role

    package init(guildID: Snowflake, role: Role) {
        self.guildID = guildID
        self.role = role
    }

    private enum CodingKeys: String, CodingKey {
        case role
        case guildID = "guild_id"
    }
}

/// A role was deleted. See Discord's Guild Role Delete (events/gateway-events#guild-role-delete).
package struct GuildRoleDelete: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    package var roleID: Snowflake

    package init(guildID: Snowflake, roleID: Snowflake) {
        self.guildID = guildID
        self.roleID = roleID
    }

    private enum CodingKeys: String, CodingKey {
        case guildID = "guild_id"
        case roleID = "role_id"
    }
}

/// A member left, or was kicked or banned. See Discord's Guild Member Remove (events/gateway-events#guild-member-remove).
package struct GuildMemberRemove: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    package var user: User

    package init(guildID: Snowflake, user: User) {
        self.guildID = guildID
        self.user = user
    }

    private enum CodingKeys: String, CodingKey {
        case user
        case guildID = "guild_id"
    }
}

/// A part of the answer to a `RequestGuildMembers`. See Discord's Guild Members Chunk
/// (events/gateway-events#guild-members-chunk).
package struct GuildMembersChunk: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    @Tolerant package var members: [Member]
    @Tolerant package var chunkIndex: Int
    @Tolerant package var chunkCount: Int
    package var notFound: [Snowflake]?
    package var presences: [JSONValue]?
    package var nonce: String?

    package init(
        guildID: Snowflake, members: [Member] = [], chunkIndex: Int = 0, chunkCount: Int = 0,
        notFound: [Snowflake]? = nil, presences: [JSONValue]? = nil, nonce: String? = nil
    ) {
        self.guildID = guildID
        self.members = members
        self.chunkIndex = chunkIndex
        self.chunkCount = chunkCount
        self.notFound = notFound
        self.presences = presences
        self.nonce = nonce
    }

    private enum CodingKeys: String, CodingKey {
        case members, presences, nonce
        case guildID = "guild_id"
        case chunkIndex = "chunk_index"
        case chunkCount = "chunk_count"
        case notFound = "not_found"
    }
}

/// A user was banned, or a ban was lifted. See Discord's Guild Ban Add and Guild Ban Remove
/// (events/gateway-events#guild-ban-add).
package struct GuildBanEvent: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    package var user: User

    package init(guildID: Snowflake, user: User) {
        self.guildID = guildID
        self.user = user
    }

    private enum CodingKeys: String, CodingKey {
        case user
        case guildID = "guild_id"
    }
}

/// A message was deleted. See Discord's Message Delete (events/gateway-events#message-delete).
package struct MessageDelete: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var channelID: Snowflake
    package var guildID: Snowflake?

    package init(id: Snowflake, channelID: Snowflake, guildID: Snowflake? = nil) {
        self.id = id
        self.channelID = channelID
        self.guildID = guildID
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case channelID = "channel_id"
        case guildID = "guild_id"
    }
}

/// Several messages were deleted at once. See Discord's Message Delete Bulk (events/gateway-events#message-delete-bulk).
package struct MessageDeleteBulk: Codable, Hashable, Sendable {
    @Tolerant package var ids: [Snowflake]
    package var channelID: Snowflake
    package var guildID: Snowflake?

    package init(ids: [Snowflake] = [], channelID: Snowflake, guildID: Snowflake? = nil) {
        self.ids = ids
        self.channelID = channelID
        self.guildID = guildID
    }

    private enum CodingKeys: String, CodingKey {
        case ids
        case channelID = "channel_id"
        case guildID = "guild_id"
    }
}

/// Where the bot's voice connection is served. See Discord's Voice Server Update
/// (events/gateway-events#voice-server-update).
package struct VoiceServerUpdate: Codable, Hashable, Sendable {
    package var token: Token
    package var guildID: Snowflake
    @Nullable package var endpoint: String?

    package init(token: Token, guildID: Snowflake, endpoint: String? = nil) {
        self.token = token
        self.guildID = guildID
        self.endpoint = endpoint
    }

    private enum CodingKeys: String, CodingKey {
        case token, endpoint
        case guildID = "guild_id"
    }
}
