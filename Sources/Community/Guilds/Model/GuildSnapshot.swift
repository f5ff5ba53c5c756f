/// Everything that the gateway reports about a guild when it becomes available.
package struct GuildSnapshot: Sendable {
    package var guild: Guild
    package var channels: [Channel]
    package var roles: [Role]
    package var members: [Member]
    /// Whether `members` has all of them. Of large guilds a part is reported first and the rest afterwards.
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

/// One of the guilds that a user's sign-in lists.
package struct ReportedMembership: Hashable, Sendable {
    package let guildID: GuildID
    package let name: String
    package let iconHash: String?
    package let isOwner: Bool
    /// What the user may do in the guild, channels aside.
    package let permissions: GuildPermissions

    package init(guildID: GuildID, name: String, iconHash: String?, isOwner: Bool, permissions: GuildPermissions) {
        self.guildID = guildID
        self.name = name
        self.iconHash = iconHash
        self.isOwner = isOwner
        self.permissions = permissions
    }
}
