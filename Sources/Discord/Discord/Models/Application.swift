package import Core

/// An application that a bot belongs to. See Discord's Application Object (resources/application#application-object).
package struct Application: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var name: String
    @Nullable package var icon: String?
    @Tolerant package var description: String
    package var rpcOrigins: [String]?
    @Tolerant package var botPublic: Bool
    @Tolerant package var botRequireCodeGrant: Bool
    package var bot: User?
    package var termsOfServiceURL: String?
    package var privacyPolicyURL: String?
    package var owner: User?
    @Tolerant package var verifyKey: String
    @Nullable package var team: JSONValue?
    package var guildID: Snowflake?
    package var guild: JSONValue?
    package var primarySkuID: Snowflake?
    package var slug: String?
    package var coverImage: String?
    @Tolerant package var flags: ApplicationFlags
    package var approximateGuildCount: Int?
    package var approximateUserInstallCount: Int?
    package var approximateUserAuthorizationCount: Int?
    package var redirectURIs: [String]?
    @Nullable package var interactionsEndpointURL: String?
    @Nullable package var roleConnectionsVerificationURL: String?
    @Nullable package var eventWebhooksURL: String?
    package var eventWebhooksStatus: Int?
    package var eventWebhooksTypes: [String]?
    package var tags: [String]?
    package var installParams: JSONValue?
    package var integrationTypesConfig: JSONValue?
    package var customInstallURL: String?

    package init(id: Snowflake, name: String) {
        self.id = id
        self.name = name
        self.icon = nil
        self.description = ""
        self.botPublic = true
        self.botRequireCodeGrant = false
        self.verifyKey = ""
        self.team = nil
        self.flags = []
        self.interactionsEndpointURL = nil
        self.roleConnectionsVerificationURL = nil
        self.eventWebhooksURL = nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, icon, description, bot, owner, team, guild, slug, flags, tags
        case rpcOrigins = "rpc_origins"
        case botPublic = "bot_public"
        case botRequireCodeGrant = "bot_require_code_grant"
        case termsOfServiceURL = "terms_of_service_url"
        case privacyPolicyURL = "privacy_policy_url"
        case verifyKey = "verify_key"
        case guildID = "guild_id"
        case primarySkuID = "primary_sku_id"
        case coverImage = "cover_image"
        case approximateGuildCount = "approximate_guild_count"
        case approximateUserInstallCount = "approximate_user_install_count"
        case approximateUserAuthorizationCount = "approximate_user_authorization_count"
        case redirectURIs = "redirect_uris"
        case interactionsEndpointURL = "interactions_endpoint_url"
        case roleConnectionsVerificationURL = "role_connections_verification_url"
        case eventWebhooksURL = "event_webhooks_url"
        case eventWebhooksStatus = "event_webhooks_status"
        case eventWebhooksTypes = "event_webhooks_types"
        case installParams = "install_params"
        case integrationTypesConfig = "integration_types_config"
        case customInstallURL = "custom_install_url"
    }
}
