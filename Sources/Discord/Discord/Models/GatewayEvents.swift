package import Core

/// The first event of a session (READY).
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

/// The bot's application, as READY names it.
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

/// GUILD_ROLE_CREATE and GUILD_ROLE_UPDATE.
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

/// GUILD_ROLE_DELETE.
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

/// GUILD_MEMBER_REMOVE: somebody left, or was kicked or banned.
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

/// A part of the answer to a `RequestGuildMembers`.
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

/// GUILD_BAN_ADD and GUILD_BAN_REMOVE.
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

/// MESSAGE_DELETE.
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

/// MESSAGE_DELETE_BULK.
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

/// VOICE_SERVER_UPDATE.
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
