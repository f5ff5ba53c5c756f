/// A channel of a guild, or of direct messages.
package struct Channel: Sendable, Equatable {
    /// Discord's channel types.
    package enum Kind: Int, Sendable {
        case text = 0, direct = 1, voice = 2, category = 4, announcement = 5, stage = 13
    }

    package let id: UInt64
    package let kind: Kind
    package let guildID: UInt64?
    package var name: String
    package var position = 0
    package var topic: String?
    package var isNSFW = false
    package var parentID: UInt64?
    package var overwrites: [Overwrite] = []
    package var bitrate = 64_000
    package var userLimit = 0
    package var slowModeSeconds = 0
    package var regionID: String?
    package var videoQuality = 1
    package var lastMessageID: UInt64?
    /// The bot and the user of a direct-message channel.
    package var recipients: [UInt64] = []

    package var isVoice: Bool { kind == .voice || kind == .stage }
    package var holdsMessages: Bool { kind != .category }
}

/// What one role or member is allowed or denied in one channel.
package struct Overwrite: Sendable, Equatable {
    /// Discord's overwrite types.
    package enum Kind: Int, Sendable { case role = 0, member = 1 }

    package let id: UInt64
    package let kind: Kind
    package var allow: Permissions
    package var deny: Permissions
}
