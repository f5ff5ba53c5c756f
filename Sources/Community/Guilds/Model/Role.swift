/// A role of a guild. Every member has the role that has the guild's own number.
package struct Role: Hashable, Sendable {
    package let id: RoleID
    package let guildID: GuildID
    package var name: String
    package var color: Int
    package var position: Int
    package var permissions: GuildPermissions
    /// Whether it belongs to an integration, and nobody can assign it.
    package var isManaged: Bool

    package init(
        id: RoleID, guildID: GuildID, name: String, color: Int = 0, position: Int = 0,
        permissions: GuildPermissions = [], isManaged: Bool = false
    ) {
        self.id = id
        self.guildID = guildID
        self.name = name
        self.color = color
        self.position = position
        self.permissions = permissions
        self.isManaged = isManaged
    }

    package var isEverybody: Bool { id.number == guildID.number }
}
