import Discord
import Guilds

// Discord's guilds, channels and roles as the community layer knows them; `nil` for an object with an impossible identifier.

extension Guilds.Guild {
    init?(_ guild: Discord.Guild) {
        guard let id = GuildID(discord: guild.id) else { return nil }
        self.init(id: id, name: guild.name, iconHash: guild.icon, ownerID: UserID(discord: guild.ownerID))
    }
}

extension GuildSnapshot {
    init?(_ create: GuildCreate) {
        guard let guild = Guilds.Guild(create.guild) else { return nil }
        let members = create.members.compactMap { Guilds.Member($0, guild: guild.id) }
        self.init(
            guild: guild, channels: create.channels.compactMap { Guilds.Channel($0, guild: guild.id) },
            roles: create.guild.roles.compactMap { Guilds.Role($0, guild: guild.id) }, members: members,
            // Without the presence intent Discord sends only some members, whatever the guild's size.
            membersAreComplete: create.memberCount > 0 && members.count >= create.memberCount)
    }
}

extension Guilds.Channel {
    /// - Parameter guild: for channels within a GUILD_CREATE, which don't name it.
    init?(_ channel: Discord.Channel, guild: GuildID? = nil) {
        guard let id = ChannelID(discord: channel.id),
            let guild = channel.guildID.flatMap({ GuildID(discord: $0) }) ?? guild
        else { return nil }
        self.init(
            id: id, guildID: guild, name: channel.name ?? "", type: channel.type.rawValue,
            position: channel.position ?? 0, parentID: channel.parentID.flatMap { ChannelID(discord: $0) },
            overwrites: (channel.permissionOverwrites ?? []).compactMap(Guilds.PermissionOverwrite.init))
    }
}

extension Guilds.PermissionOverwrite {
    init?(_ overwrite: Discord.PermissionOverwrite) {
        let allow = GuildPermissions(rawValue: overwrite.allow.rawValue)
        let deny = GuildPermissions(rawValue: overwrite.deny.rawValue)
        switch overwrite.type {
        case .role:
            guard let role = RoleID(discord: overwrite.id) else { return nil }
            self.init(.role(role), allow: allow, deny: deny)
        case .member:
            guard let user = UserID(discord: overwrite.id) else { return nil }
            self.init(.member(user), allow: allow, deny: deny)
        default: return nil
        }
    }
}

extension Guilds.Role {
    init?(_ role: Discord.Role, guild: GuildID) {
        guard let id = RoleID(discord: role.id) else { return nil }
        self.init(
            id: id, guildID: guild, name: role.name, color: role.color, position: role.position,
            permissions: GuildPermissions(rawValue: role.permissions.rawValue), isManaged: role.managed)
    }
}
