package import Core

/// A registered application command. See Discord's Application Command Object
/// (interactions/application-commands#application-command-object).
package struct Command: Codable, Hashable, Sendable {
    package var id: Snowflake
    @Tolerant package var type: CommandType
    package var applicationID: Snowflake
    package var guildID: Snowflake?
    package var name: String
    @Nullable package var nameLocalizations: [String: String]?
    @Tolerant package var description: String
    @Nullable package var descriptionLocalizations: [String: String]?
    package var options: [CommandOption]?
    @Nullable package var defaultMemberPermissions: Permissions?
    package var dmPermission: Bool?
    package var defaultPermission: Bool?
    @Tolerant package var nsfw: Bool
    package var integrationTypes: [Int]?
    @Nullable package var contexts: [Int]?
    @Tolerant package var version: Snowflake
    package var handler: Int?

    package init(
        id: Snowflake, type: CommandType = .chatInput, applicationID: Snowflake, guildID: Snowflake? = nil,
        name: String, description: String = "", options: [CommandOption]? = nil,
        defaultMemberPermissions: Permissions? = nil, version: Snowflake = 0
    ) {
        self.id = id
        self.type = type
        self.applicationID = applicationID
        self.guildID = guildID
        self.name = name
        self.nameLocalizations = nil
        self.description = description
        self.descriptionLocalizations = nil
        self.options = options
        self.defaultMemberPermissions = defaultMemberPermissions
        self.nsfw = false
        self.contexts = nil
        self.version = version
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, name, description, options, nsfw, contexts, version, handler
        case applicationID = "application_id"
        case guildID = "guild_id"
        case nameLocalizations = "name_localizations"
        case descriptionLocalizations = "description_localizations"
        case defaultMemberPermissions = "default_member_permissions"
        case dmPermission = "dm_permission"
        case defaultPermission = "default_permission"
        case integrationTypes = "integration_types"
    }
}

/// The body of a request that registers a command. See Discord's Create Global Application Command
/// (interactions/application-commands#create-global-application-command).
package struct CommandDraft: Codable, Hashable, Sendable {
    /// 1–32 lower-case letters, digits, `-` and `_`.
    package var name: String
    package var nameLocalizations: [String: String]?
    /// 1–100 characters; empty for commands on users and messages.
    @Tolerant package var description: String
    package var descriptionLocalizations: [String: String]?
    @Tolerant package var type: CommandType
    package var options: [CommandOption]?
    package var defaultMemberPermissions: Permissions?
    package var dmPermission: Bool?
    package var nsfw: Bool?
    package var integrationTypes: [Int]?
    /// 0 guild, 1 direct message with the bot, 2 private channel.
    package var contexts: [Int]?

    package init(
        name: String, nameLocalizations: [String: String]? = nil, description: String = "",
        descriptionLocalizations: [String: String]? = nil, type: CommandType = .chatInput,
        options: [CommandOption]? = nil, defaultMemberPermissions: Permissions? = nil, dmPermission: Bool? = nil,
        nsfw: Bool? = nil, integrationTypes: [Int]? = nil, contexts: [Int]? = nil
    ) {
        self.name = name
        self.nameLocalizations = nameLocalizations
        self.description = description
        self.descriptionLocalizations = descriptionLocalizations
        self.type = type
        self.options = options
        self.defaultMemberPermissions = defaultMemberPermissions
        self.dmPermission = dmPermission
        self.nsfw = nsfw
        self.integrationTypes = integrationTypes
        self.contexts = contexts
    }

    private enum CodingKeys: String, CodingKey {
        case name, description, type, options, nsfw, contexts
        case nameLocalizations = "name_localizations"
        case descriptionLocalizations = "description_localizations"
        case defaultMemberPermissions = "default_member_permissions"
        case dmPermission = "dm_permission"
        case integrationTypes = "integration_types"
    }
}

/// An option of a command, or a subcommand. See Discord's Application Command Option Structure
/// (interactions/application-commands#application-command-object-application-command-option-structure).
package struct CommandOption: Codable, Hashable, Sendable {
    package var type: CommandOptionType
    package var name: String
    package var nameLocalizations: [String: String]?
    @Tolerant package var description: String
    package var descriptionLocalizations: [String: String]?
    package var required: Bool?
    package var choices: [CommandChoice]?
    package var options: [CommandOption]?
    package var channelTypes: [ChannelType]?
    package var minValue: JSONValue?
    package var maxValue: JSONValue?
    package var minLength: Int?
    package var maxLength: Int?
    package var autocomplete: Bool?

    package init(
        type: CommandOptionType, name: String, nameLocalizations: [String: String]? = nil, description: String = "",
        descriptionLocalizations: [String: String]? = nil, required: Bool? = nil, choices: [CommandChoice]? = nil,
        options: [CommandOption]? = nil, channelTypes: [ChannelType]? = nil, minValue: JSONValue? = nil,
        maxValue: JSONValue? = nil, minLength: Int? = nil, maxLength: Int? = nil, autocomplete: Bool? = nil
    ) {
        self.type = type
        self.name = name
        self.nameLocalizations = nameLocalizations
        self.description = description
        self.descriptionLocalizations = descriptionLocalizations
        self.required = required
        self.choices = choices
        self.options = options
        self.channelTypes = channelTypes
        self.minValue = minValue
        self.maxValue = maxValue
        self.minLength = minLength
        self.maxLength = maxLength
        self.autocomplete = autocomplete
    }

    private enum CodingKeys: String, CodingKey {
        case type, name, description, required, choices, options, autocomplete
        case nameLocalizations = "name_localizations"
        case descriptionLocalizations = "description_localizations"
        case channelTypes = "channel_types"
        case minValue = "min_value"
        case maxValue = "max_value"
        case minLength = "min_length"
        case maxLength = "max_length"
    }
}

/// One of the values that an option may take. See Discord's Application Command Option Choice Structure
/// (interactions/application-commands#application-command-object-application-command-option-choice-structure).
package struct CommandChoice: Codable, Hashable, Sendable {
    package var name: String
    package var nameLocalizations: [String: String]?
    package var value: JSONValue

    package init(name: String, nameLocalizations: [String: String]? = nil, value: JSONValue) {
        self.name = name
        self.nameLocalizations = nameLocalizations
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case name, value
        case nameLocalizations = "name_localizations"
    }
}
