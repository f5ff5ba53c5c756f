package import Core

/// A guild with its contents, as it arrives when a session starts, when the bot is added, and when the guild is available
/// again after an outage. See Discord's Guild Create (events/gateway-events#guild-create).
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct GuildCreate: Hashable, Sendable {
    package var guild: Guild
    package var joinedAt: Timestamp
    package var large = false
    package var unavailable = false
    package var memberCount: Int
    package var voiceStates: [VoiceState] = []
    /// All members of small guilds; of large guilds only some: `RequestGuildMembers` gets the others.
    package var members: [Member] = []
    package var channels: [Channel] = []
    package var threads: [Channel] = []
    package var presences: [JSONValue] = []
    package var stageInstances: [JSONValue] = []
    package var scheduledEvents: [JSONValue] = []
    package var soundboardSounds: [JSONValue] = []

    package init(guild: Guild, joinedAt: Timestamp, memberCount: Int, members: [Member] = [], channels: [Channel] = [])
    {
        self.guild = guild
        self.joinedAt = joinedAt
        self.memberCount = memberCount
        self.members = members
        self.channels = channels
    }
}

extension GuildCreate: Codable {
    private enum CodingKeys: String, CodingKey {
        case large, unavailable, members, channels, threads, presences
        case joinedAt = "joined_at"
        case memberCount = "member_count"
        case voiceStates = "voice_states"
        case stageInstances = "stage_instances"
        case scheduledEvents = "guild_scheduled_events"
        case soundboardSounds = "soundboard_sounds"
    }

    package init(from decoder: any Decoder) throws {
        guild = try Guild(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        joinedAt = try container.decodeIfPresent(Timestamp.self, forKey: .joinedAt) ?? Timestamp(text: "")
        large = try container.decodeIfPresent(Bool.self, forKey: .large) ?? false
        unavailable = try container.decodeIfPresent(Bool.self, forKey: .unavailable) ?? false
        members = try container.decodeIfPresent([Member].self, forKey: .members) ?? []
        memberCount = try container.decodeIfPresent(Int.self, forKey: .memberCount) ?? members.count
        voiceStates = try container.decodeIfPresent([VoiceState].self, forKey: .voiceStates) ?? []
        channels = try container.decodeIfPresent([Channel].self, forKey: .channels) ?? []
        threads = try container.decodeIfPresent([Channel].self, forKey: .threads) ?? []
        presences = try container.decodeIfPresent([JSONValue].self, forKey: .presences) ?? []
        stageInstances = try container.decodeIfPresent([JSONValue].self, forKey: .stageInstances) ?? []
        scheduledEvents = try container.decodeIfPresent([JSONValue].self, forKey: .scheduledEvents) ?? []
        soundboardSounds = try container.decodeIfPresent([JSONValue].self, forKey: .soundboardSounds) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        try guild.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(joinedAt, forKey: .joinedAt)
        try container.encode(large, forKey: .large)
        try container.encode(unavailable, forKey: .unavailable)
        try container.encode(memberCount, forKey: .memberCount)
        try container.encode(voiceStates, forKey: .voiceStates)
        try container.encode(members, forKey: .members)
        try container.encode(channels, forKey: .channels)
        try container.encode(threads, forKey: .threads)
        try container.encode(presences, forKey: .presences)
        try container.encode(stageInstances, forKey: .stageInstances)
        try container.encode(scheduledEvents, forKey: .scheduledEvents)
        try container.encode(soundboardSounds, forKey: .soundboardSounds)
    }
}
