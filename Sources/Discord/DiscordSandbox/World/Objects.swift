/// Whoever can send a message: a person, or an application's bot.
package struct User: Sendable, Equatable {
    package let id: UInt64
    package var username: String
    package var globalName: String?
    package var isBot = false
}

package struct Role: Sendable, Equatable {
    package let id: UInt64
    package var name: String
    package var permissions: Permissions
    package var position: Int
    package var color = 0
    package var hoist = false
    package var mentionable = false
    /// The bot whose own role this is: Discord manages it, nobody gives or takes it.
    package var botID: UInt64?
}

/// An exception to the guild's permissions in one channel.
package struct Overwrite: Sendable, Equatable {
    package enum Kind: Int, Sendable { case role = 0, member = 1 }

    package let id: UInt64
    package let kind: Kind
    package var allow: Permissions
    package var deny: Permissions
}

package struct Channel: Sendable, Equatable {
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
    /// Of a direct-message channel: the bot and the person.
    package var recipients: [UInt64] = []

    package var isVoice: Bool { kind == .voice || kind == .stage }
    package var holdsMessages: Bool { kind != .category }
}

package struct Member: Sendable, Equatable {
    package let userID: UInt64
    package var nick: String?
    package var roles: [UInt64] = []
    package let joinedAt: Int64
    package var isDeaf = false
    package var isMute = false
    package var timedOutUntil: Int64?

    /// Milliseconds.
    static let longestTimeout: Int64 = 28 * 86_400_000
}

package struct VoiceState: Sendable, Equatable {
    package let userID: UInt64
    package var channelID: UInt64
    package let sessionID: String
    package var selfMute = false
    package var selfDeaf = false
}

package struct ScheduledEvent: Sendable, Equatable {
    package let id: UInt64
    package let guildID: UInt64
    package let creatorID: UInt64
    package var channelID: UInt64?
    package var name: String
    package var description: String?
    package var start: Int64
    package var end: Int64?
    /// 1 scheduled, 2 active, 3 completed, 4 cancelled.
    package var status = 1
    /// 1 stage, 2 voice, 3 external.
    package var entityType: Int
    package var location: String?
}

package struct Guild: Sendable, Equatable {
    package let id: UInt64
    package var name: String
    package var description: String?
    package var ownerID: UInt64
    package var roles: [UInt64: Role] = [:]
    package var members: [UInt64: Member] = [:]
    package var channels: [UInt64: Channel] = [:]
    package var voiceStates: [UInt64: VoiceState] = [:]
    package var bans: [UInt64: String?] = [:]
    package var scheduledEvents: [UInt64: ScheduledEvent] = [:]
    package var systemChannelID: UInt64?

    package var sortedChannels: [Channel] { channels.values.sorted { ($0.position, $0.id) < ($1.position, $1.id) } }
    package var sortedRoles: [Role] { roles.values.sorted { ($0.position, $0.id) < ($1.position, $1.id) } }
    package var sortedMembers: [Member] { members.values.sorted { $0.userID < $1.userID } }
}

package struct Application: Sendable {
    package let id: UInt64
    package var name: String
    package var clientSecret: String?
    /// Redirect addresses for sign-in; `nil` accepts any address on this machine (applications the sandbox learnt from a token).
    package var redirectURIs: [String]?
    package var botToken: String
    package let ownerID: UInt64
    package var description = ""
    /// Privileged intents that are switched off for it in the "developer portal".
    package var disallowedIntents = 0

    package init(
        id: UInt64, name: String, clientSecret: String?, redirectURIs: [String]?, botToken: String, ownerID: UInt64,
        description: String = ""
    ) {
        self.id = id
        self.name = name
        self.clientSecret = clientSecret
        self.redirectURIs = redirectURIs
        self.botToken = botToken
        self.ownerID = ownerID
        self.description = description
    }
}

package struct Command: Sendable {
    package let id: UInt64
    package let applicationID: UInt64
    package let guildID: UInt64?
    package var name: String
    /// 1 chat input, 2 user, 3 message.
    package let type: Int
    /// The command as Discord returns it.
    package var json: JSON
}

package struct Message: Sendable {
    package let id: UInt64
    package let channelID: UInt64
    package let guildID: UInt64?
    package let authorID: UInt64
    package var content: String
    package var embeds: [JSON] = []
    package var components: [JSON] = []
    package var flags = 0
    package let createdAt: Int64
    package var editedAt: Int64?
    /// 0 default, 7 member joined, 19 reply, 20 chat-input command.
    package var type = 0
    package var nonce: JSON?
    package var tts = false
    package var isPinned = false
    package var mentions: [UInt64] = []
    package var mentionRoles: [UInt64] = []
    package var mentionEveryone = false
    package var referencedID: UInt64?
    package var applicationID: UInt64?
    package var isWebhook = false
    package var interactionMetadata: JSON?
    package var reactions: [Reaction] = []
    /// Of an ephemeral message: the one person who sees it.
    package var visibleTo: UInt64?

    package struct Reaction: Sendable, Equatable {
        package let emoji: JSON
        package var users: [UInt64]
    }

    package static let ephemeral = 1 << 6
    package static let loading = 1 << 7
    package static let suppressEmbeds = 1 << 2
    package static let suppressNotifications = 1 << 12
    package static let componentsV2 = 1 << 15

    package var isLoading: Bool { flags & Self.loading != 0 }
}
