package import Core

/// A pressed component, a command or a submitted form. It must be answered within 3 s; its token is valid for 15 min.
/// See Discord's Interaction Object (interactions/receiving-and-responding#interaction-object).
package struct Interaction: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var applicationID: Snowflake
    package var type: InteractionType
    package var data: InteractionData?
    package var guild: JSONValue?
    package var guildID: Snowflake?
    package var channel: Channel?
    package var channelID: Snowflake?
    /// The member that caused it, in a guild; with all their permissions in the channel.
    package var member: Member?
    /// The user that caused it, in a direct message.
    package var user: User?
    package var token: Token
    @Tolerant package var version: Int
    /// The message that holds the component.
    package var message: Message?
    /// What the bot may do in the channel.
    package var appPermissions: Permissions?
    package var locale: String?
    package var guildLocale: String?
    @Tolerant package var entitlements: [JSONValue]
    @Tolerant package var authorizingIntegrationOwners: [String: Snowflake]
    package var context: Int?
    package var attachmentSizeLimit: Int?

    package init(
        id: Snowflake, applicationID: Snowflake, type: InteractionType, data: InteractionData? = nil,
        guild: JSONValue? = nil, guildID: Snowflake? = nil, channel: Channel? = nil, channelID: Snowflake? = nil,
        member: Member? = nil, user: User? = nil, token: Token, message: Message? = nil,
        appPermissions: Permissions? = nil, locale: String? = nil, guildLocale: String? = nil
    ) {
        self.id = id
        self.applicationID = applicationID
        self.type = type
        self.data = data
        self.guild = guild
        self.guildID = guildID
        self.channel = channel
        self.channelID = channelID
        self.member = member
        self.user = user
        self.token = token
        self.version = 1
        self.message = message
        self.appPermissions = appPermissions
        self.locale = locale
        self.guildLocale = guildLocale
        self.entitlements = []
        self.authorizingIntegrationOwners = [:]
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, data, guild, channel, member, user, token, version, message, locale, entitlements, context
        case applicationID = "application_id"
        case guildID = "guild_id"
        case channelID = "channel_id"
        case appPermissions = "app_permissions"
        case guildLocale = "guild_locale"
        case authorizingIntegrationOwners = "authorizing_integration_owners"
        case attachmentSizeLimit = "attachment_size_limit"
    }
}

/// What was pressed or typed: fields of a command, a component or a form. See Discord's Interaction Data
/// (interactions/receiving-and-responding#interaction-object-interaction-data).
package struct InteractionData: Codable, Hashable, Sendable {
    /// The command's id; a number in components of the newer version.
    package var id: Snowflake?
    package var name: String?
    package var type: Int?
    package var resolved: ResolvedData?
    package var options: [InteractionOption]?
    package var guildID: Snowflake?
    package var targetID: Snowflake?
    package var customID: String?
    package var componentType: ComponentType?
    package var values: [String]?
    package var components: [Component]?

    package init(
        id: Snowflake? = nil, name: String? = nil, type: Int? = nil, resolved: ResolvedData? = nil,
        options: [InteractionOption]? = nil, guildID: Snowflake? = nil, targetID: Snowflake? = nil,
        customID: String? = nil, componentType: ComponentType? = nil, values: [String]? = nil,
        components: [Component]? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.resolved = resolved
        self.options = options
        self.guildID = guildID
        self.targetID = targetID
        self.customID = customID
        self.componentType = componentType
        self.values = values
        self.components = components
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, type, resolved, options, values, components
        case guildID = "guild_id"
        case targetID = "target_id"
        case customID = "custom_id"
        case componentType = "component_type"
    }
}

/// One option of a command as typed, or a subcommand with its own options. See Discord's Application Command Interaction
/// Data Option Structure
/// (interactions/receiving-and-responding#interaction-object-application-command-interaction-data-option-structure).
package struct InteractionOption: Codable, Hashable, Sendable {
    package var name: String
    package var type: CommandOptionType
    package var value: JSONValue?
    package var options: [InteractionOption]?
    package var focused: Bool?

    package init(
        name: String, type: CommandOptionType, value: JSONValue? = nil, options: [InteractionOption]? = nil,
        focused: Bool? = nil
    ) {
        self.name = name
        self.type = type
        self.value = value
        self.options = options
        self.focused = focused
    }

    private enum CodingKeys: String, CodingKey {
        case name, type, value, options, focused
    }
}

/// The objects that a command's options name, by id. See Discord's Resolved Data Structure
/// (interactions/receiving-and-responding#interaction-object-resolved-data-structure).
package struct ResolvedData: Codable, Hashable, Sendable {
    package var users: [String: User]?
    package var members: [String: Member]?
    package var roles: [String: Role]?
    package var channels: [String: Channel]?
    package var messages: [String: Message]?
    package var attachments: [String: Attachment]?

    package init(
        users: [String: User]? = nil, members: [String: Member]? = nil, roles: [String: Role]? = nil,
        channels: [String: Channel]? = nil, messages: [String: Message]? = nil, attachments: [String: Attachment]? = nil
    ) {
        self.users = users
        self.members = members
        self.roles = roles
        self.channels = channels
        self.messages = messages
        self.attachments = attachments
    }

    private enum CodingKeys: String, CodingKey {
        case users, members, roles, channels, messages, attachments
    }
}
