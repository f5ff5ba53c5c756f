import Discord
import FoundationEssentials
import Guilds

/// Discord's objects as Tandem's community layer knows them. What has an impossible identifier is left out.
extension Guilds.Guild {
    init?(_ guild: Discord.Guild) {
        guard let id: GuildID = guild.id.identity() else { return nil }
        self.init(id: id, name: guild.name, iconHash: guild.icon, ownerID: guild.ownerID.identity())
    }
}

extension Guilds.Channel {
    /// - Parameter guild: for channels within a GUILD_CREATE, which don't name it.
    init?(_ channel: Discord.Channel, guild: GuildID? = nil) {
        guard let id: ChannelID = channel.id.identity(),
            let guild = channel.guildID.flatMap({ $0.identity(Guilds.Guild.self) }) ?? guild
        else { return nil }
        self.init(
            id: id, guildID: guild, name: channel.name ?? "", type: channel.type.rawValue,
            position: channel.position ?? 0, parentID: channel.parentID?.identity(),
            overwrites: (channel.permissionOverwrites ?? []).compactMap(Guilds.PermissionOverwrite.init))
    }
}

extension Guilds.PermissionOverwrite {
    init?(_ overwrite: Discord.PermissionOverwrite) {
        let allow = GuildPermissions(rawValue: overwrite.allow.rawValue)
        let deny = GuildPermissions(rawValue: overwrite.deny.rawValue)
        switch overwrite.type {
        case .role:
            guard let role: RoleID = overwrite.id.identity() else { return nil }
            self.init(.role(role), allow: allow, deny: deny)
        case .member:
            guard let user: UserID = overwrite.id.identity() else { return nil }
            self.init(.member(user), allow: allow, deny: deny)
        default: return nil
        }
    }
}

extension Guilds.Role {
    init?(_ role: Discord.Role, guild: GuildID) {
        guard let id: RoleID = role.id.identity() else { return nil }
        self.init(
            id: id, guildID: guild, name: role.name, color: role.color, position: role.position,
            permissions: GuildPermissions(rawValue: role.permissions.rawValue), isManaged: role.managed)
    }
}

extension Guilds.User {
    init?(_ user: Discord.User) {
        guard let id: UserID = user.id.identity() else { return nil }
        self.init(
            id: id, username: user.username, globalName: user.globalName, avatarHash: user.avatar,
            isBot: user.bot ?? false)
    }
}

extension Guilds.Member {
    init?(_ member: Discord.Member, guild: GuildID) {
        guard let user = member.user.flatMap(Guilds.User.init) else { return nil }
        self.init(
            guildID: guild, user: user, nickname: member.nick,
            roles: Set(member.roles.compactMap { $0.identity() }),
            joinedAt: member.joinedAt?.milliseconds,
            timedOutUntil: member.communicationDisabledUntil?.milliseconds)
    }
}

extension Timestamp {
    /// Since 1970.
    fileprivate var milliseconds: Int64? { date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) } }
}
