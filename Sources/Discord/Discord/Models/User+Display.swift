extension User {
    /// The name that Discord shows: the chosen one, else the unique one.
    package var displayName: String { globalName ?? username }
}

extension Member {
    /// The name shown in the guild.
    package var displayName: String? { nick ?? user?.displayName }
}
