import Core

/// What can be wrong with a question about guilds, members and sign-ins.
package enum GuildsError: CodedError, Hashable {
    /// The guild does not exist, the bot is not in it, or the one who asks is not a member: nobody learns which.
    case guildNotFound
    /// Whether the person is still a member could not be found out just now.
    case membershipUnknown

    package var code: String {
        switch self {
        case .guildNotFound: "guild_not_found"
        case .membershipUnknown: "membership_unknown"
        }
    }

    package var isTemporary: Bool { self == .membershipUnknown }

    package var message: String {
        switch self {
        case .guildNotFound: "There is no such server among those that you and the bot share."
        case .membershipUnknown: "Discord could not say whether you are a member of this server. Try again in a moment."
        }
    }
}
