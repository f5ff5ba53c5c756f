/// A guild in the current user's list. See Discord's Get Current User Guilds (resources/user#get-current-user-guilds).
package struct UserGuild: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var name: String
    @Nullable package var icon: String?
    @Nullable package var banner: String?
    @Tolerant package var owner: Bool
    /// The user's permissions in the guild, without channel overwrites.
    @Tolerant package var permissions: Permissions
    @Tolerant package var features: [String]
    package var approximateMemberCount: Int?
    package var approximatePresenceCount: Int?

    package init(
        id: Snowflake, name: String, icon: String? = nil, banner: String? = nil, owner: Bool = false,
        permissions: Permissions = [], features: [String] = [], approximateMemberCount: Int? = nil,
        approximatePresenceCount: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.icon = icon
        self.banner = banner
        self.owner = owner
        self.permissions = permissions
        self.features = features
        self.approximateMemberCount = approximateMemberCount
        self.approximatePresenceCount = approximatePresenceCount
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, icon, banner, owner, permissions, features
        case approximateMemberCount = "approximate_member_count"
        case approximatePresenceCount = "approximate_presence_count"
    }
}

/// A guild that is unavailable, or that the bot was removed from. See Discord's Unavailable Guild Object
/// (resources/guild#unavailable-guild-object).
package struct UnavailableGuild: Codable, Hashable, Sendable {
    package var id: Snowflake
    /// Absent when the bot was removed from the guild.
    package var unavailable: Bool?

    package init(id: Snowflake, unavailable: Bool? = nil) {
        self.id = id
        self.unavailable = unavailable
    }

    private enum CodingKeys: String, CodingKey {
        case id, unavailable
    }
}
