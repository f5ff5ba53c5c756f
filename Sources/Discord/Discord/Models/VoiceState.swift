/// The voice channel that a user is in. Discord doesn't send the channel that they were in before. See Discord's Voice State
/// Object (resources/voice#voice-state-object).
package struct VoiceState: Codable, Hashable, Sendable {
    /// Absent within a GUILD_CREATE.
    package var guildID: Snowflake?
    /// `nil` means that the user has left.
    @Nullable package var channelID: Snowflake?
    package var userID: Snowflake
    package var member: Member?
    package var sessionID: String
    @Tolerant package var deaf: Bool
    @Tolerant package var mute: Bool
    @Tolerant package var selfDeaf: Bool
    @Tolerant package var selfMute: Bool
    package var selfStream: Bool?
    @Tolerant package var selfVideo: Bool
    @Tolerant package var suppress: Bool
    @Nullable package var requestToSpeakTimestamp: Timestamp?

    package init(
        guildID: Snowflake? = nil, channelID: Snowflake? = nil, userID: Snowflake, member: Member? = nil,
        sessionID: String, deaf: Bool = false, mute: Bool = false, selfDeaf: Bool = false, selfMute: Bool = false,
        selfStream: Bool? = nil, selfVideo: Bool = false, suppress: Bool = false,
        requestToSpeakTimestamp: Timestamp? = nil
    ) {
        self.guildID = guildID
        self.channelID = channelID
        self.userID = userID
        self.member = member
        self.sessionID = sessionID
        self.deaf = deaf
        self.mute = mute
        self.selfDeaf = selfDeaf
        self.selfMute = selfMute
        self.selfStream = selfStream
        self.selfVideo = selfVideo
        self.suppress = suppress
        self.requestToSpeakTimestamp = requestToSpeakTimestamp
    }

    private enum CodingKeys: String, CodingKey {
        case member, deaf, mute, suppress
        case guildID = "guild_id"
        case channelID = "channel_id"
        case userID = "user_id"
        case sessionID = "session_id"
        case selfDeaf = "self_deaf"
        case selfMute = "self_mute"
        case selfStream = "self_stream"
        case selfVideo = "self_video"
        case requestToSpeakTimestamp = "request_to_speak_timestamp"
    }
}
