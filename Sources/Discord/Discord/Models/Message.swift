package import Core

/// A message in a channel, with the fields that gateway events add. See Discord's Message Object
/// (resources/message#message-object).
package struct Message: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var channelID: Snowflake
    package var author: User
    @Tolerant package var content: String
    package var timestamp: Timestamp
    @Nullable package var editedTimestamp: Timestamp?
    @Tolerant package var tts: Bool
    @Tolerant package var mentionEveryone: Bool
    @Tolerant package var mentions: [User]
    @Tolerant package var mentionRoles: [Snowflake]
    package var mentionChannels: JSONValue?
    @Tolerant package var attachments: [Attachment]
    @Tolerant package var embeds: [Embed]
    package var reactions: JSONValue?
    /// A string or a number, as it was sent.
    package var nonce: JSONValue?
    @Tolerant package var pinned: Bool
    package var webhookID: Snowflake?
    @Tolerant package var type: Int
    package var activity: JSONValue?
    package var application: JSONValue?
    package var applicationID: Snowflake?
    @Tolerant package var flags: MessageFlags
    package var messageReference: MessageReference?
    package var messageSnapshots: JSONValue?
    package var referencedMessage: JSONValue?
    package var interactionMetadata: InteractionMetadata?
    package var interaction: JSONValue?
    package var thread: Channel?
    @Tolerant package var components: [Component]
    package var stickerItems: JSONValue?
    package var position: Int?
    package var roleSubscriptionData: JSONValue?
    package var resolved: JSONValue?
    package var poll: JSONValue?
    package var call: JSONValue?
    /// Only in gateway events.
    package var guildID: Snowflake?
    /// Only in gateway events, without its user.
    package var member: Member?

    package init(
        id: Snowflake, channelID: Snowflake, author: User, content: String = "", timestamp: Timestamp,
        editedTimestamp: Timestamp? = nil, embeds: [Embed] = [], nonce: JSONValue? = nil, flags: MessageFlags = [],
        components: [Component] = [], guildID: Snowflake? = nil, member: Member? = nil
    ) {
        self.id = id
        self.channelID = channelID
        self.author = author
        self.content = content
        self.timestamp = timestamp
        self.editedTimestamp = editedTimestamp
        self.tts = false
        self.mentionEveryone = false
        self.mentions = []
        self.mentionRoles = []
        self.attachments = []
        self.embeds = embeds
        self.nonce = nonce
        self.pinned = false
        self.type = 0
        self.flags = flags
        self.components = components
        self.guildID = guildID
        self.member = member
    }

    private enum CodingKeys: String, CodingKey {
        case id, author, content, timestamp, tts, mentions, attachments, embeds, reactions, nonce, pinned, type,
            activity, application, flags, interaction, thread, components, position, resolved, poll, call, member
        case channelID = "channel_id"
        case editedTimestamp = "edited_timestamp"
        case mentionEveryone = "mention_everyone"
        case mentionRoles = "mention_roles"
        case mentionChannels = "mention_channels"
        case webhookID = "webhook_id"
        case applicationID = "application_id"
        case messageReference = "message_reference"
        case messageSnapshots = "message_snapshots"
        case referencedMessage = "referenced_message"
        case interactionMetadata = "interaction_metadata"
        case stickerItems = "sticker_items"
        case roleSubscriptionData = "role_subscription_data"
        case guildID = "guild_id"
    }
}

/// The message that a message replies to or forwards. See Discord's Message Reference Structure
/// (resources/message#message-reference-structure).
package struct MessageReference: Codable, Hashable, Sendable {
    package var type: Int?
    package var messageID: Snowflake?
    package var channelID: Snowflake?
    package var guildID: Snowflake?
    package var failIfNotExists: Bool?

    package init(
        type: Int? = nil, messageID: Snowflake? = nil, channelID: Snowflake? = nil, guildID: Snowflake? = nil,
        failIfNotExists: Bool? = nil
    ) {
        self.type = type
        self.messageID = messageID
        self.channelID = channelID
        self.guildID = guildID
        self.failIfNotExists = failIfNotExists
    }

    private enum CodingKeys: String, CodingKey {
        case type
        case messageID = "message_id"
        case channelID = "channel_id"
        case guildID = "guild_id"
        case failIfNotExists = "fail_if_not_exists"
    }
}

/// The interaction that a message answers. See Discord's Message Interaction Metadata Object
/// (resources/message#message-interaction-metadata-object).
package struct InteractionMetadata: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var type: InteractionType
    package var user: User
    @Tolerant package var authorizingIntegrationOwners: [String: Snowflake]
    package var originalResponseMessageID: Snowflake?
    /// The command's name; undocumented, yet sent.
    package var name: String?
    package var interactedMessageID: Snowflake?

    package init(
        id: Snowflake, type: InteractionType, user: User, authorizingIntegrationOwners: [String: Snowflake] = [:],
        originalResponseMessageID: Snowflake? = nil, name: String? = nil, interactedMessageID: Snowflake? = nil
    ) {
        self.id = id
        self.type = type
        self.user = user
        self.authorizingIntegrationOwners = authorizingIntegrationOwners
        self.originalResponseMessageID = originalResponseMessageID
        self.name = name
        self.interactedMessageID = interactedMessageID
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, user, name
        case authorizingIntegrationOwners = "authorizing_integration_owners"
        case originalResponseMessageID = "original_response_message_id"
        case interactedMessageID = "interacted_message_id"
    }
}
