/// A user's membership of one guild.
package struct Member: Sendable, Equatable {
    package let userID: UInt64
    package var nick: String?
    package var roles: [UInt64] = []
    package let joinedAt: Int64
    package var isDeaf = false
    package var isMute = false
    package var timedOutUntil: Int64?

    /// How long a timeout may last.
    static let longestTimeout = Duration.seconds(28 * 86_400)
}

/// The voice channel that a member is in.
package struct VoiceState: Sendable, Equatable {
    package let userID: UInt64
    package var channelID: UInt64
    package let sessionID: String
    package var selfMute = false
    package var selfDeaf = false
}
