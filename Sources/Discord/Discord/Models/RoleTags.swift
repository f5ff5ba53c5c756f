/// What a managed role is for. The flags are `null` on the wire when they are set, and absent otherwise. See Discord's Role
/// Tags Structure (topics/permissions#role-object-role-tags-structure).
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct RoleTags: Hashable, Sendable {
    package var botID: Snowflake?
    package var integrationID: Snowflake?
    package var subscriptionListingID: Snowflake?
    package var premiumSubscriber = false
    package var availableForPurchase = false
    package var guildConnections = false

    package init(botID: Snowflake? = nil) { self.botID = botID }
}

extension RoleTags: Codable {
    private enum CodingKeys: String, CodingKey {
        case botID = "bot_id"
        case integrationID = "integration_id"
        case subscriptionListingID = "subscription_listing_id"
        case premiumSubscriber = "premium_subscriber"
        case availableForPurchase = "available_for_purchase"
        case guildConnections = "guild_connections"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        botID = try container.decodeIfPresent(Snowflake.self, forKey: .botID)
        integrationID = try container.decodeIfPresent(Snowflake.self, forKey: .integrationID)
        subscriptionListingID = try container.decodeIfPresent(Snowflake.self, forKey: .subscriptionListingID)
        premiumSubscriber = container.contains(.premiumSubscriber)
        availableForPurchase = container.contains(.availableForPurchase)
        guildConnections = container.contains(.guildConnections)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(botID, forKey: .botID)
        try container.encodeIfPresent(integrationID, forKey: .integrationID)
        try container.encodeIfPresent(subscriptionListingID, forKey: .subscriptionListingID)
        if premiumSubscriber { try container.encodeNil(forKey: .premiumSubscriber) }
        if availableForPurchase { try container.encodeNil(forKey: .availableForPurchase) }
        if guildConnections { try container.encodeNil(forKey: .guildConnections) }
    }
}
