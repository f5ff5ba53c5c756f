package import Core

/// A user's membership of one guild. See Discord's Guild Member Object (resources/guild#guild-member-object).
package struct Member: Codable, Hashable, Sendable {
    /// Absent in the member of a MESSAGE_CREATE or MESSAGE_UPDATE.
    package var user: User?
    @Nullable package var nick: String?
    /// The hash of an image for this guild alone.
    @Nullable package var avatar: String?
    @Nullable package var banner: String?
    /// Without the guild's own @everyone role.
    @Tolerant package var roles: [Snowflake]
    @Nullable package var joinedAt: Timestamp?
    @Nullable package var premiumSince: Timestamp?
    @Tolerant package var deaf: Bool
    @Tolerant package var mute: Bool
    @Tolerant package var flags: Int
    @Tolerant package var pending: Bool
    /// All permissions in the channel, overwrites included; only in interactions.
    package var permissions: Permissions?
    @Nullable package var communicationDisabledUntil: Timestamp?
    @Nullable package var avatarDecorationData: JSONValue?
    @Nullable package var collectibles: JSONValue?

    package init(
        user: User? = nil, nick: String? = nil, roles: [Snowflake] = [], joinedAt: Timestamp? = nil,
        permissions: Permissions? = nil
    ) {
        self.user = user
        self.nick = nick
        self.avatar = nil
        self.banner = nil
        self.roles = roles
        self.joinedAt = joinedAt
        self.premiumSince = nil
        self.deaf = false
        self.mute = false
        self.flags = 0
        self.pending = false
        self.permissions = permissions
        self.communicationDisabledUntil = nil
        self.avatarDecorationData = nil
        self.collectibles = nil
    }

    private enum CodingKeys: String, CodingKey {
        case user, nick, avatar, banner, roles, deaf, mute, flags, pending, permissions, collectibles
        case joinedAt = "joined_at"
        case premiumSince = "premium_since"
        case communicationDisabledUntil = "communication_disabled_until"
        case avatarDecorationData = "avatar_decoration_data"
    }
}
