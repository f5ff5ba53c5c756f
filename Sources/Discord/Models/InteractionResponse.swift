package import Core

/// The first answer to an interaction (API: Interaction Response Object).
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

/// What an interaction's answer shows; also a form's title and fields.
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

/// What Discord says of an answer when asked `with_response` (API: Interaction Callback Response Object).
package struct InteractionCallback: Codable, Hashable, Sendable {
    package var interaction: InteractionCallbackState
    package var resource: InteractionCallbackResource?

    package init(interaction: InteractionCallbackState, resource: InteractionCallbackResource? = nil) {
        self.interaction = interaction
        self.resource = resource
    }

    private enum CodingKeys: String, CodingKey {
        case interaction, resource
    }
}

/// The interaction that was answered.
package struct InteractionCallbackState: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var type: InteractionType
    package var activityInstanceID: Snowflake?
    package var responseMessageID: Snowflake?
    package var responseMessageLoading: Bool?
    package var responseMessageEphemeral: Bool?

    package init(
        id: Snowflake, type: InteractionType, activityInstanceID: Snowflake? = nil,
        responseMessageID: Snowflake? = nil, responseMessageLoading: Bool? = nil,
        responseMessageEphemeral: Bool? = nil
    ) {
        self.id = id
        self.type = type
        self.activityInstanceID = activityInstanceID
        self.responseMessageID = responseMessageID
        self.responseMessageLoading = responseMessageLoading
        self.responseMessageEphemeral = responseMessageEphemeral
    }

    private enum CodingKeys: String, CodingKey {
        case id, type
        case activityInstanceID = "activity_instance_id"
        case responseMessageID = "response_message_id"
        case responseMessageLoading = "response_message_loading"
        case responseMessageEphemeral = "response_message_ephemeral"
    }
}

/// What the answer created.
package struct InteractionCallbackResource: Codable, Hashable, Sendable {
    package var type: InteractionResponseType
    package var activityInstance: JSONValue?
    package var message: Message?

    package init(type: InteractionResponseType, activityInstance: JSONValue? = nil, message: Message? = nil) {
        self.type = type
        self.activityInstance = activityInstance
        self.message = message
    }

    private enum CodingKeys: String, CodingKey {
        case type, message
        case activityInstance = "activity_instance"
    }
}
