package import Core

/// A guild, which Discord's clients call a server. See Discord's Guild Object (resources/guild#guild-object).
package struct Guild: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var name: String
    @Nullable package var icon: String?
    @Nullable package var iconHash: String?
    @Nullable package var splash: String?
    @Nullable package var discoverySplash: String?
    /// Whether the current user owns it; only in a user's list of guilds.
    package var owner: Bool?
    package var ownerID: Snowflake
    /// The current user's permissions; only in a user's list of guilds.
    package var permissions: Permissions?
    @Nullable package var region: String?
    @Nullable package var afkChannelID: Snowflake?
    @Tolerant package var afkTimeout: Int
    package var widgetEnabled: Bool?
    @Nullable package var widgetChannelID: Snowflake?
    @Tolerant package var verificationLevel: Int
    @Tolerant package var defaultMessageNotifications: Int
    @Tolerant package var explicitContentFilter: Int
    @Tolerant package var roles: [Role]
    @Tolerant package var emojis: [Emoji]
    @Tolerant package var features: [String]
    @Tolerant package var mfaLevel: Int
    @Nullable package var applicationID: Snowflake?
    @Nullable package var systemChannelID: Snowflake?
    @Tolerant package var systemChannelFlags: Int
    @Nullable package var rulesChannelID: Snowflake?
    @Nullable package var maxPresences: Int?
    package var maxMembers: Int?
    @Nullable package var vanityURLCode: String?
    @Nullable package var description: String?
    @Nullable package var banner: String?
    @Tolerant package var premiumTier: Int
    package var premiumSubscriptionCount: Int?
    @Tolerant package var preferredLocale: String
    @Nullable package var publicUpdatesChannelID: Snowflake?
    package var maxVideoChannelUsers: Int?
    package var maxStageVideoChannelUsers: Int?
    package var approximateMemberCount: Int?
    package var approximatePresenceCount: Int?
    package var welcomeScreen: JSONValue?
    @Tolerant package var nsfwLevel: Int
    /// Not documented, yet always sent, and required by some clients.
    @Tolerant package var nsfw: Bool
    @Tolerant package var stickers: [JSONValue]
    @Tolerant package var premiumProgressBarEnabled: Bool
    @Nullable package var safetyAlertsChannelID: Snowflake?
    @Nullable package var hubType: Int?
    @Nullable package var latestOnboardingQuestionID: Snowflake?
    @Nullable package var incidentsData: JSONValue?

    package init(id: Snowflake, name: String, icon: String? = nil, ownerID: Snowflake, roles: [Role] = []) {
        self.id = id
        self.name = name
        self.icon = icon
        self.iconHash = nil
        self.splash = nil
        self.discoverySplash = nil
        self.ownerID = ownerID
        self.region = nil
        self.afkChannelID = nil
        self.afkTimeout = 300
        self.widgetChannelID = nil
        self.verificationLevel = 0
        self.defaultMessageNotifications = 0
        self.explicitContentFilter = 0
        self.roles = roles
        self.emojis = []
        self.features = []
        self.mfaLevel = 0
        self.applicationID = nil
        self.systemChannelID = nil
        self.systemChannelFlags = 0
        self.rulesChannelID = nil
        self.maxPresences = nil
        self.vanityURLCode = nil
        self.description = nil
        self.banner = nil
        self.premiumTier = 0
        self.preferredLocale = "en-US"
        self.publicUpdatesChannelID = nil
        self.nsfwLevel = 0
        self.nsfw = false
        self.stickers = []
        self.premiumProgressBarEnabled = false
        self.safetyAlertsChannelID = nil
        self.hubType = nil
        self.latestOnboardingQuestionID = nil
        self.incidentsData = nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, icon, splash, owner, permissions, region, roles, emojis, features, description, banner, nsfw,
            stickers
        case iconHash = "icon_hash"
        case discoverySplash = "discovery_splash"
        case ownerID = "owner_id"
        case afkChannelID = "afk_channel_id"
        case afkTimeout = "afk_timeout"
        case widgetEnabled = "widget_enabled"
        case widgetChannelID = "widget_channel_id"
        case verificationLevel = "verification_level"
        case defaultMessageNotifications = "default_message_notifications"
        case explicitContentFilter = "explicit_content_filter"
        case mfaLevel = "mfa_level"
        case applicationID = "application_id"
        case systemChannelID = "system_channel_id"
        case systemChannelFlags = "system_channel_flags"
        case rulesChannelID = "rules_channel_id"
        case maxPresences = "max_presences"
        case maxMembers = "max_members"
        case vanityURLCode = "vanity_url_code"
        case premiumTier = "premium_tier"
        case premiumSubscriptionCount = "premium_subscription_count"
        case preferredLocale = "preferred_locale"
        case publicUpdatesChannelID = "public_updates_channel_id"
        case maxVideoChannelUsers = "max_video_channel_users"
        case maxStageVideoChannelUsers = "max_stage_video_channel_users"
        case approximateMemberCount = "approximate_member_count"
        case approximatePresenceCount = "approximate_presence_count"
        case welcomeScreen = "welcome_screen"
        case nsfwLevel = "nsfw_level"
        case premiumProgressBarEnabled = "premium_progress_bar_enabled"
        case safetyAlertsChannelID = "safety_alerts_channel_id"
        case hubType = "hub_type"
        case latestOnboardingQuestionID = "latest_onboarding_question_id"
        case incidentsData = "incidents_data"
    }
}
