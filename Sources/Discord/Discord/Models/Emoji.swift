/// A custom emoji, or a Unicode one when `id` is `nil`. See Discord's Emoji Object (resources/emoji#emoji-object).
package struct Emoji: Codable, Hashable, Sendable {
    @Nullable package var id: Snowflake?
    @Nullable package var name: String?
    package var roles: [Snowflake]?
    package var user: User?
    package var requireColons: Bool?
    package var managed: Bool?
    package var animated: Bool?
    package var available: Bool?

    package init(
        id: Snowflake? = nil, name: String? = nil, roles: [Snowflake]? = nil, user: User? = nil,
        requireColons: Bool? = nil, managed: Bool? = nil, animated: Bool? = nil, available: Bool? = nil
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.user = user
        self.requireColons = requireColons
        self.managed = managed
        self.animated = animated
        self.available = available
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, roles, user, managed, animated, available
        case requireColons = "require_colons"
    }
}
