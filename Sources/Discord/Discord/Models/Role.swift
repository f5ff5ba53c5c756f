/// A role of a guild. The role whose id is the guild's id is @everyone. See Discord's Role Object
/// (topics/permissions#role-object).
package struct Role: Codable, Hashable, Sendable {
    package var id: Snowflake
    package var name: String
    @Tolerant package var color: Int
    package var colors: RoleColors?
    @Tolerant package var hoist: Bool
    @Nullable package var icon: String?
    @Nullable package var unicodeEmoji: String?
    @Tolerant package var position: Int
    @Tolerant package var permissions: Permissions
    /// Whether an integration owns it: such a role can't be given to anyone.
    @Tolerant package var managed: Bool
    @Tolerant package var mentionable: Bool
    package var tags: RoleTags?
    @Tolerant package var flags: Int

    package init(
        id: Snowflake, name: String, color: Int = 0, colors: RoleColors? = nil, hoist: Bool = false,
        position: Int = 0, permissions: Permissions = [], managed: Bool = false, mentionable: Bool = false,
        tags: RoleTags? = nil
    ) {
        self.id = id
        self.name = name
        self.color = color
        self.colors = colors
        self.hoist = hoist
        self.icon = nil
        self.unicodeEmoji = nil
        self.position = position
        self.permissions = permissions
        self.managed = managed
        self.mentionable = mentionable
        self.tags = tags
        self.flags = 0
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, color, colors, hoist, icon, position, permissions, managed, mentionable, tags, flags
        case unicodeEmoji = "unicode_emoji"
    }
}

/// The colours of a role. See Discord's Role Colors Object (topics/permissions#role-object-role-colors-object).
package struct RoleColors: Codable, Hashable, Sendable {
    @Tolerant package var primaryColor: Int
    @Nullable package var secondaryColor: Int?
    @Nullable package var tertiaryColor: Int?

    package init(primaryColor: Int = 0, secondaryColor: Int? = nil, tertiaryColor: Int? = nil) {
        self.primaryColor = primaryColor
        self.secondaryColor = secondaryColor
        self.tertiaryColor = tertiaryColor
    }

    private enum CodingKeys: String, CodingKey {
        case primaryColor = "primary_color"
        case secondaryColor = "secondary_color"
        case tertiaryColor = "tertiary_color"
    }
}
