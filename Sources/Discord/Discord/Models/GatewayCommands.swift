package import Core

/// Starts a session (gateway op 2). See Discord's Identify (events/gateway-events#identify).
package struct Identify: Codable, Hashable, Sendable {
    package var token: Token
    package var properties: IdentifyProperties
    package var compress: Bool?
    package var largeThreshold: Int?
    /// `[shard, number of shards]`.
    package var shard: [Int]?
    package var presence: PresenceUpdate?
    package var intents: Intents

    package init(
        token: Token, properties: IdentifyProperties, compress: Bool? = nil, largeThreshold: Int? = nil,
        shard: [Int]? = nil, presence: PresenceUpdate? = nil, intents: Intents
    ) {
        self.token = token
        self.properties = properties
        self.compress = compress
        self.largeThreshold = largeThreshold
        self.shard = shard
        self.presence = presence
        self.intents = intents
    }

    private enum CodingKeys: String, CodingKey {
        case token, properties, compress, shard, presence, intents
        case largeThreshold = "large_threshold"
    }
}

/// Names the connecting client, for Discord's statistics. See Discord's Identify Connection Properties
/// (events/gateway-events#identify-identify-connection-properties).
package struct IdentifyProperties: Codable, Hashable, Sendable {
    @Tolerant package var os: String
    @Tolerant package var browser: String
    @Tolerant package var device: String

    package init(os: String = "", browser: String = "", device: String = "") {
        self.os = os
        self.browser = browser
        self.device = device
    }

    private enum CodingKeys: String, CodingKey {
        case os, browser, device
    }
}

/// Continues a session (gateway op 6). See Discord's Resume (events/gateway-events#resume).
package struct Resume: Codable, Hashable, Sendable {
    package var token: Token
    /// A client that lost it sends null and receives an invalid session (op 9).
    @Nullable package var sessionID: String?
    /// The last sequence number received.
    @Nullable package var seq: Int?

    package init(token: Token, sessionID: String? = nil, seq: Int? = nil) {
        self.token = token
        self.sessionID = sessionID
        self.seq = seq
    }

    private enum CodingKeys: String, CodingKey {
        case token, seq
        case sessionID = "session_id"
    }
}

/// Requests members of a guild, which arrive as GUILD_MEMBERS_CHUNK (gateway op 8). See Discord's Request Guild Members
/// (events/gateway-events#request-guild-members).
package struct RequestGuildMembers: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    /// The empty string with limit 0 requests all members.
    package var query: String?
    package var limit: Int?
    package var presences: Bool?
    package var userIDs: SnowflakeList?
    package var nonce: String?

    package init(
        guildID: Snowflake, query: String? = nil, limit: Int? = nil, presences: Bool? = nil,
        userIDs: SnowflakeList? = nil, nonce: String? = nil
    ) {
        self.guildID = guildID
        self.query = query
        self.limit = limit
        self.presences = presences
        self.userIDs = userIDs
        self.nonce = nonce
    }

    private enum CodingKeys: String, CodingKey {
        case query, limit, presences, nonce
        case guildID = "guild_id"
        case userIDs = "user_ids"
    }
}

/// The bot's online status and activities (gateway op 3). See Discord's Update Presence
/// (events/gateway-events#update-presence).
package struct PresenceUpdate: Codable, Hashable, Sendable {
    @Nullable package var since: Int?
    @Tolerant package var activities: [JSONValue]
    @Tolerant package var status: String
    @Tolerant package var afk: Bool

    package init(since: Int? = nil, activities: [JSONValue] = [], status: String = "online", afk: Bool = false) {
        self.since = since
        self.activities = activities
        self.status = status
        self.afk = afk
    }

    private enum CodingKeys: String, CodingKey {
        case since, activities, status, afk
    }
}

/// Joins, changes or leaves a voice channel (gateway op 4). See Discord's Update Voice State
/// (events/gateway-events#update-voice-state).
package struct VoiceStateRequest: Codable, Hashable, Sendable {
    package var guildID: Snowflake
    @Nullable package var channelID: Snowflake?
    @Tolerant package var selfMute: Bool
    @Tolerant package var selfDeaf: Bool

    package init(guildID: Snowflake, channelID: Snowflake? = nil, selfMute: Bool = false, selfDeaf: Bool = false) {
        self.guildID = guildID
        self.channelID = channelID
        self.selfMute = selfMute
        self.selfDeaf = selfDeaf
    }

    private enum CodingKeys: String, CodingKey {
        case guildID = "guild_id"
        case channelID = "channel_id"
        case selfMute = "self_mute"
        case selfDeaf = "self_deaf"
    }
}
