import Core

/// Errors of questions about guilds, members and sign-ins.
package enum GuildsError: CodedError, Hashable {
    /// The guild does not exist, the bot is not in it, or the user who asks is not a member: the error doesn't say which.
    case guildNotFound
    /// Whether the user is still a member could not be determined just now.
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
