import Discord
import FoundationEssentials
import Guilds

// Discord's users and members as the community layer knows them; `nil` for an object with an impossible identifier.

extension Guilds.User {
    init?(_ user: Discord.User) {
        guard let id = UserID(discord: user.id) else { return nil }
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
            roles: Set(member.roles.compactMap { RoleID(discord: $0) }),
            joinedAt: member.joinedAt?.milliseconds,
            timedOutUntil: member.communicationDisabledUntil?.milliseconds)
    }
}

extension ReportedMembership {
    init?(_ guild: UserGuild) {
        guard let id = GuildID(discord: guild.id) else { return nil }
        self.init(
            guildID: id, name: guild.name, iconHash: guild.icon, isOwner: guild.owner,
            permissions: GuildPermissions(rawValue: guild.permissions.rawValue))
    }
}

extension Timestamp {
    /// Since 1970.
    fileprivate var milliseconds: Int64? { date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) } }
}
