/// Everything that the gateway tells about a guild when it becomes available.
package struct GuildSnapshot: Sendable {
    package var guild: Guild
    package var channels: [Channel]
    package var roles: [Role]
    package var members: [Member]
    /// Whether `members` is everybody. Large guilds come with a part and deliver the rest afterwards.
    package var membersAreComplete: Bool

    package init(
        guild: Guild, channels: [Channel], roles: [Role], members: [Member], membersAreComplete: Bool
    ) {
        self.guild = guild
        self.channels = channels
        self.roles = roles
        self.members = members
        self.membersAreComplete = membersAreComplete
    }
}

/// One of the guilds that a person's sign-in lists.
package struct ReportedMembership: Hashable, Sendable {
    package let guildID: GuildID
    package let name: String
    package let iconHash: String?
    package let isOwner: Bool
    /// What the person may do in the guild, channels aside.
    package let permissions: GuildPermissions

    package init(guildID: GuildID, name: String, iconHash: String?, isOwner: Bool, permissions: GuildPermissions) {
        self.guildID = guildID
        self.name = name
        self.iconHash = iconHash
        self.isOwner = isOwner
        self.permissions = permissions
    }
}
