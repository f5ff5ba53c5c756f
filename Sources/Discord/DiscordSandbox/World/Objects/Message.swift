/// A message in a channel.
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
    /// The only user that sees it, if it is ephemeral.
    package var visibleTo: UInt64?

    /// All reactions with one emoji.
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
