/// What a member may see and do in a guild: their own permissions there, and what each channel's overwrites make of them.
package struct EffectivePermissions: Sendable {
    package let guild: Guild
    package let member: Member
    /// What they may do in the guild, channels aside.
    package let permissions: GuildPermissions
    /// False for members who are known only from signing in, where Discord doesn't report roles, and for members whose
    /// roles were confirmed too long ago.
    package let rolesAreKnown: Bool

    package init(guild: Guild, member: Member, permissions: GuildPermissions, rolesAreKnown: Bool = true) {
        self.guild = guild
        self.member = member
        self.permissions = permissions
        self.rolesAreKnown = rolesAreKnown
    }

    package var isOwner: Bool { guild.ownerID == member.user.id }
    package var managesGuild: Bool { permissions.contains(.manageGuild) }

    /// What they may do in `channel`, after its overwrites.
    package func permissions(in channel: Channel) -> GuildPermissions {
        permissions.within(channel, for: member.user.id, having: rolesAreKnown ? member.roles : nil)
    }

    /// Until when the member may only look on, in milliseconds since 1970; `nil` if they may take part. The owner and
    /// administrators always may (Discord: Permissions for Timed Out Members). Discord does not report the end of a timeout.
    package func timeout(at now: Int64) -> Int64? {
        guard !isOwner, !permissions.contains(.administrator), let end = member.timedOutUntil, end > now else {
            return nil
        }
        return end
    }

    package func sees(_ channel: Channel) -> Bool { permissions(in: channel).contains(.viewChannel) }
}
