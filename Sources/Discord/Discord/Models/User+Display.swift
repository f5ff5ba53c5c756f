extension User {
    /// The name that Discord shows: the display name, or the username when there is none.
    package var displayName: String { globalName ?? username }
}

extension Member {
    /// The name shown in the guild.
    package var displayName: String? { nick ?? user?.displayName }
}
