/// The body of a request that creates a message or a follow-up. See Discord's Create Message
/// (resources/message#create-message).
package struct MessageDraft: Codable, Hashable, Sendable {
    /// At most 2000 characters.
    package var content: String?
    /// At most 25 characters. With `enforceNonce`, a repeated nonce returns the message that was created before.
    package var nonce: String?
    package var enforceNonce: Bool?
    package var tts: Bool?
    package var embeds: [Embed]?
    package var allowedMentions: AllowedMentions?
    package var messageReference: MessageReference?
    package var components: [Component]?
    package var flags: MessageFlags?

    package init(
        content: String? = nil, nonce: String? = nil, enforceNonce: Bool? = nil, tts: Bool? = nil,
        embeds: [Embed]? = nil, allowedMentions: AllowedMentions? = nil, messageReference: MessageReference? = nil,
        components: [Component]? = nil, flags: MessageFlags? = nil
    ) {
        self.content = content
        self.nonce = nonce
        self.enforceNonce = enforceNonce
        self.tts = tts
        self.embeds = embeds
        self.allowedMentions = allowedMentions
        self.messageReference = messageReference
        self.components = components
        self.flags = flags
    }

    private enum CodingKeys: String, CodingKey {
        case content, nonce, tts, embeds, components, flags
        case enforceNonce = "enforce_nonce"
        case allowedMentions = "allowed_mentions"
        case messageReference = "message_reference"
    }
}

/// The body of a request that edits a message: absent fields stay as they are. See Discord's Edit Message
/// (resources/message#edit-message).
package struct MessageEdit: Codable, Hashable, Sendable {
    package var content: String?
    package var embeds: [Embed]?
    package var flags: MessageFlags?
    package var allowedMentions: AllowedMentions?
    package var components: [Component]?

    package init(
        content: String? = nil, embeds: [Embed]? = nil, flags: MessageFlags? = nil,
        allowedMentions: AllowedMentions? = nil, components: [Component]? = nil
    ) {
        self.content = content
        self.embeds = embeds
        self.flags = flags
        self.allowedMentions = allowedMentions
        self.components = components
    }

    private enum CodingKeys: String, CodingKey {
        case content, embeds, flags, components
        case allowedMentions = "allowed_mentions"
    }
}

/// Which users and roles a message may notify. See Discord's Allowed Mentions Object
/// (resources/message#allowed-mentions-object).
package struct AllowedMentions: Codable, Hashable, Sendable {
    /// Of `roles`, `users`, `everyone`.
    @Tolerant package var parse: [String]
    package var roles: [Snowflake]?
    package var users: [Snowflake]?
    package var repliedUser: Bool?

    package init(
        parse: [String] = [], roles: [Snowflake]? = nil, users: [Snowflake]? = nil, repliedUser: Bool? = nil
    ) {
        self.parse = parse
        self.roles = roles
        self.users = users
        self.repliedUser = repliedUser
    }

    private enum CodingKeys: String, CodingKey {
        case parse, roles, users
        case repliedUser = "replied_user"
    }
}
