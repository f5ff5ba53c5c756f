/// A Discord account.
package struct User: Hashable, Sendable {
    package let id: UserID
    package var username: String
    /// The display name that the user chose for all guilds.
    package var globalName: String?
    package var avatarHash: String?
    package var isBot: Bool

    package init(
        id: UserID, username: String, globalName: String? = nil, avatarHash: String? = nil, isBot: Bool = false
    ) {
        self.id = id
        self.username = username
        self.globalName = globalName
        self.avatarHash = avatarHash
        self.isBot = isBot
    }

    package var displayName: String { globalName ?? username }
    package var avatarURL: String? { avatarHash.map { "https://cdn.discordapp.com/avatars/\(id)/\($0).png" } }
    /// The user as a principal, to whom events are delivered.
    package var principal: String { CommunityTopic.name(of: id) }
}

/// A user within a guild.
package struct Member: Hashable, Sendable {
    package let guildID: GuildID
    package var user: User
    package var nickname: String?
    /// Without the role that every member has.
    package var roles: Set<RoleID>
    /// Milliseconds since 1970.
    package var joinedAt: Int64?
    /// When the member may take part again, in milliseconds since 1970; may be in the past. See
    /// `EffectivePermissions.timeout(at:)`.
    package var timedOutUntil: Int64?

    package init(
        guildID: GuildID, user: User, nickname: String? = nil, roles: Set<RoleID> = [], joinedAt: Int64? = nil,
        timedOutUntil: Int64? = nil
    ) {
        self.guildID = guildID
        self.user = user
        self.nickname = nickname
        self.roles = roles
        self.joinedAt = joinedAt
        self.timedOutUntil = timedOutUntil
    }

    package var displayName: String { nickname ?? user.displayName }
}
