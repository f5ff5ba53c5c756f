extension User {
    /// The name that Discord shows: the chosen one, else the unique one.
    package var displayName: String { globalName ?? username }

    /// Where the user's picture is, 128 pixels wide; `nil` when they have none of their own.
    package var avatarURL: String? {
        avatar.map { "https://cdn.discordapp.com/avatars/\(id)/\($0).\($0.hasPrefix("a_") ? "gif" : "png")?size=128" }
    }
}

extension Member {
    /// The name shown in the guild.
    package var displayName: String? { nick ?? user?.displayName }
}

extension UserGuild {
    /// Where the guild's picture is, 128 pixels wide.
    package var iconURL: String? {
        icon.map { "https://cdn.discordapp.com/icons/\(id)/\($0).\($0.hasPrefix("a_") ? "gif" : "png")?size=128" }
    }
}
