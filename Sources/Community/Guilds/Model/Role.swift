/// What members of a guild can be given. The role that has the guild's own number is everybody's.
package struct Role: Hashable, Sendable {
    package let id: RoleID
    package let guildID: GuildID
    package var name: String
    package var color: Int
    package var position: Int
    package var permissions: GuildPermissions
    /// Belongs to an integration: nobody can give or take it by hand.
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
