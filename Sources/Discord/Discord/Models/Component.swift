package import Core

/// A button, a menu, or the row that holds them. See Discord's Component Reference (components/reference).
package struct Component: Codable, Hashable, Sendable {
    package var type: ComponentType
    package var id: Int?
    /// What a row holds: five buttons or one menu.
    package var components: [Component]?
    /// A button's `ButtonStyle`, a text input's 1 (short) or 2 (paragraph).
    package var style: Int?
    /// At most 80 characters.
    package var label: String?
    package var emoji: Emoji?
    /// 1–100 characters, unique in the message.
    package var customID: String?
    package var skuID: Snowflake?
    package var url: String?
    package var disabled: Bool?
    package var options: [SelectOption]?
    package var channelTypes: [ChannelType]?
    package var placeholder: String?
    package var defaultValues: JSONValue?
    package var minValues: Int?
    package var maxValues: Int?
    package var minLength: Int?
    package var maxLength: Int?
    package var required: Bool?
    package var value: String?
    /// What was chosen, in a submitted modal.
    package var values: [String]?
    package var content: String?
    /// What a label holds, in a modal.
    package var component: JSONValue?

    package init(
        type: ComponentType, id: Int? = nil, components: [Component]? = nil, style: Int? = nil, label: String? = nil,
        emoji: Emoji? = nil, customID: String? = nil, skuID: Snowflake? = nil, url: String? = nil,
        disabled: Bool? = nil, options: [SelectOption]? = nil, channelTypes: [ChannelType]? = nil,
        placeholder: String? = nil, defaultValues: JSONValue? = nil, minValues: Int? = nil, maxValues: Int? = nil,
        minLength: Int? = nil, maxLength: Int? = nil, required: Bool? = nil, value: String? = nil,
        values: [String]? = nil, content: String? = nil, component: JSONValue? = nil
    ) {
        self.type = type
        self.id = id
        self.components = components
        self.style = style
        self.label = label
        self.emoji = emoji
        self.customID = customID
        self.skuID = skuID
        self.url = url
        self.disabled = disabled
        self.options = options
        self.channelTypes = channelTypes
        self.placeholder = placeholder
        self.defaultValues = defaultValues
        self.minValues = minValues
        self.maxValues = maxValues
        self.minLength = minLength
        self.maxLength = maxLength
        self.required = required
        self.value = value
        self.values = values
        self.content = content
        self.component = component
    }

    private enum CodingKeys: String, CodingKey {
        case type, id, components, style, label, emoji, url, disabled, options, placeholder, required, value, values,
            content, component
        case customID = "custom_id"
        case skuID = "sku_id"
        case channelTypes = "channel_types"
        case defaultValues = "default_values"
        case minValues = "min_values"
        case maxValues = "max_values"
        case minLength = "min_length"
        case maxLength = "max_length"
    }
}

/// One choice of a menu. See Discord's Select Option Structure (components/reference#string-select-select-option-structure).
package struct SelectOption: Codable, Hashable, Sendable {
    package var label: String
    package var value: String
    package var description: String?
    package var emoji: Emoji?
    package var isDefault: Bool?

    package init(
        label: String, value: String, description: String? = nil, emoji: Emoji? = nil, isDefault: Bool? = nil
    ) {
        self.label = label
        self.value = value
        self.description = description
        self.emoji = emoji
        self.isDefault = isDefault
    }

    private enum CodingKeys: String, CodingKey {
        case label, value, description, emoji
        case isDefault = "default"
    }
}
