/// Permissions in a guild or a channel, with Discord's bits (discord.com/developers/docs/topics/permissions).
package struct GuildPermissions: OptionSet, Hashable, Sendable, Codable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let administrator = GuildPermissions(rawValue: 1 << 3)
    package static let manageChannels = GuildPermissions(rawValue: 1 << 4)
    package static let manageGuild = GuildPermissions(rawValue: 1 << 5)
    package static let viewChannel = GuildPermissions(rawValue: 1 << 10)
    package static let sendMessages = GuildPermissions(rawValue: 1 << 11)
    package static let embedLinks = GuildPermissions(rawValue: 1 << 14)
    package static let readMessageHistory = GuildPermissions(rawValue: 1 << 16)

    /// What an owner and an administrator may do: everything.
    package static let all = GuildPermissions(rawValue: .max >> 1)

    /// What the bot needs in a channel to post cards and keep them up to date.
    package static let neededForCards: GuildPermissions = [.viewChannel, .sendMessages, .embedLinks]

    /// Those of these permissions that are declared here, as Discord's clients call them, in the order of their bits.
    package var names: [String] {
        let named: [(permission: GuildPermissions, name: String)] = [
            (.administrator, "Administrator"), (.manageChannels, "Manage Channels"), (.manageGuild, "Manage Server"),
            (.viewChannel, "View Channel"), (.sendMessages, "Send Messages"), (.embedLinks, "Embed Links"),
            (.readMessageHistory, "Read Message History"),
        ]
        return named.filter { contains($0.permission) }.map(\.name)
    }

    /// Returns what a member may do in the guild, channels aside.
    ///
    /// - Parameter roles: the guild's roles; those that the member doesn't have are ignored.
    package static func base(
        of user: UserID, having held: Set<RoleID>, in guild: Guild, roles: some Sequence<Role>
    ) -> GuildPermissions {
        if guild.ownerID == user { return .all }
        var permissions: GuildPermissions = []
        for role in roles where role.isEverybody || held.contains(role.id) {
            permissions.formUnion(role.permissions)
        }
        return permissions.contains(.administrator) ? .all : permissions
    }

    /// Returns what a member with these permissions in the guild may do in `channel`: everybody's overwrite applies first,
    /// then those of the member's roles together, then the member's own. Without the permission to see the channel nothing
    /// is left.
    ///
    /// - Parameter held: the member's roles; `nil` if they are unknown: then what is denied to any role is denied, and what
    ///   is allowed to roles is not.
    package func within(_ channel: Channel, for user: UserID, having held: Set<RoleID>?) -> GuildPermissions {
        if contains(.administrator) { return .all }
        var permissions = self
        var roleDenied: GuildPermissions = []
        var roleAllowed: GuildPermissions = []
        var own: PermissionOverwrite?
        for overwrite in channel.overwrites {
            switch overwrite.target {
            case .role(let role) where role.number == channel.guildID.number:
                permissions.subtract(overwrite.deny)
                permissions.formUnion(overwrite.allow)
            case .role(let role) where held?.contains(role) ?? true:
                roleDenied.formUnion(overwrite.deny)
                if held != nil { roleAllowed.formUnion(overwrite.allow) }
            case .member(user): own = overwrite
            default: break
            }
        }
        permissions.subtract(roleDenied)
        permissions.formUnion(roleAllowed)
        if let own {
            permissions.subtract(own.deny)
            permissions.formUnion(own.allow)
        }
        return permissions.contains(.viewChannel) ? permissions : []
    }
}
