/// Where a person stands in a guild: everything that decides what they may see and do there.
package struct Standing: Sendable {
    package let guild: Guild
    package let member: Member
    /// What they may in the guild, channels aside.
    package let permissions: GuildPermissions
    /// Not for members who are known only from signing in, where Discord doesn't tell their roles, nor when their roles were
    /// confirmed too long ago.
    package let rolesAreKnown: Bool

    package init(guild: Guild, member: Member, permissions: GuildPermissions, rolesAreKnown: Bool = true) {
        self.guild = guild
        self.member = member
        self.permissions = permissions
        self.rolesAreKnown = rolesAreKnown
    }

    package var isOwner: Bool { guild.ownerID == member.user.id }
    package var managesGuild: Bool { permissions.contains(.manageGuild) }

    package func permissions(in channel: Channel) -> GuildPermissions {
        permissions.within(channel, for: member.user.id, having: rolesAreKnown ? member.roles : nil)
    }

    /// Until when the member may only look on, in milliseconds since 1970; `nil` if they may take part. The owner and
    /// administrators always may (API: Permissions for Timed Out Members). When it ends Discord tells nobody.
    package func timeout(at now: Int64) -> Int64? {
        guard !isOwner, !permissions.contains(.administrator), let end = member.timedOutUntil, end > now else {
            return nil
        }
        return end
    }

    package func sees(_ channel: Channel) -> Bool { permissions(in: channel).contains(.viewChannel) }
}

/// A guild in a person's list.
package struct GuildListing: Sendable, Hashable {
    package let guild: Guild
    package let isOwner: Bool
    package let canManage: Bool
    package let botInstalled: Bool

    package init(guild: Guild, isOwner: Bool, canManage: Bool, botInstalled: Bool) {
        self.guild = guild
        self.isOwner = isOwner
        self.canManage = canManage
        self.botInstalled = botInstalled
    }
}
