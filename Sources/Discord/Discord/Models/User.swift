package import Core

/// A person or a bot. Fields that the caller may not see are `nil`. See Discord's User Object (resources/user#user-object).
package struct User: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var username: String
    /// `0` for all but bots and legacy webhooks.
    @Tolerant package var discriminator: String
    @Nullable package var globalName: String?
    /// The hash of the image, which is a part of its address.
    @Nullable package var avatar: String?
    package var bot: Bool?
    package var system: Bool?
    package var mfaEnabled: Bool?
    @Nullable package var banner: String?
    @Nullable package var accentColor: Int?
    package var locale: String?
    package var verified: Bool?
    package var email: String?
    package var flags: Int?
    package var premiumType: Int?
    package var publicFlags: Int?
    @Nullable package var avatarDecorationData: JSONValue?
    @Nullable package var collectibles: JSONValue?
    @Nullable package var primaryGuild: JSONValue?

    package init(
        id: Snowflake, username: String, discriminator: String = "0", globalName: String? = nil,
        avatar: String? = nil, bot: Bool? = nil
    ) {
        self.id = id
        self.username = username
        self.discriminator = discriminator
        self.globalName = globalName
        self.avatar = avatar
        self.bot = bot
        self.banner = nil
        self.accentColor = nil
        self.avatarDecorationData = nil
        self.collectibles = nil
        self.primaryGuild = nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, username, discriminator, avatar, bot, system, banner, locale, verified, email, flags, collectibles
        case globalName = "global_name"
        case mfaEnabled = "mfa_enabled"
        case accentColor = "accent_color"
        case premiumType = "premium_type"
        case publicFlags = "public_flags"
        case avatarDecorationData = "avatar_decoration_data"
        case primaryGuild = "primary_guild"
    }
}
