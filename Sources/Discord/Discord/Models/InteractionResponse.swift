/// The first answer to an interaction. See Discord's Interaction Response Object
/// (interactions/receiving-and-responding#interaction-response-object).
package struct InteractionResponse: Codable, Hashable, Sendable {
    package var type: InteractionResponseType
    package var data: InteractionResponseData?

    package init(type: InteractionResponseType, data: InteractionResponseData? = nil) {
        self.type = type
        self.data = data
    }

    private enum CodingKeys: String, CodingKey {
        case type, data
    }
}

/// The content of an interaction's answer: a message, choices, or a form's title and fields. See Discord's Interaction
/// Callback Data Structure
/// (interactions/receiving-and-responding#interaction-response-object-interaction-callback-data-structure).
package struct InteractionResponseData: Codable, Hashable, Sendable {
    package var tts: Bool?
    package var content: String?
    package var embeds: [Embed]?
    package var allowedMentions: AllowedMentions?
    package var flags: MessageFlags?
    package var components: [Component]?
    package var attachments: [Attachment]?
    package var choices: [CommandChoice]?
    package var customID: String?
    package var title: String?

    package init(
        tts: Bool? = nil, content: String? = nil, embeds: [Embed]? = nil, allowedMentions: AllowedMentions? = nil,
        flags: MessageFlags? = nil, components: [Component]? = nil, attachments: [Attachment]? = nil,
        choices: [CommandChoice]? = nil, customID: String? = nil, title: String? = nil
    ) {
        self.tts = tts
        self.content = content
        self.embeds = embeds
        self.allowedMentions = allowedMentions
        self.flags = flags
        self.components = components
        self.attachments = attachments
        self.choices = choices
        self.customID = customID
        self.title = title
    }

    private enum CodingKeys: String, CodingKey {
        case tts, content, embeds, flags, components, attachments, choices, title
        case allowedMentions = "allowed_mentions"
        case customID = "custom_id"
    }
}
