/// The topics under which the community's events are delivered. A user's topic also names the user as a principal.
package enum CommunityTopic: Hashable, Sendable {
    case guild(GuildID)
    case user(UserID)

    /// Parses a topic's name; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "guild":
            guard let id = GuildID(parts[1]) else { return nil }
            self = .guild(id)
        case "user":
            guard let id = UserID(parts[1]) else { return nil }
            self = .user(id)
        default: return nil
        }
    }

    package static func name(of guild: GuildID) -> String { "guild/\(guild)" }
    package static func name(of user: UserID) -> String { userPrefix + user.description }

    /// What the topics of users begin with.
    static let userPrefix = "user/"

    /// The topic's name.
    package var text: String {
        switch self {
        case .guild(let id): Self.name(of: id)
        case .user(let id): Self.name(of: id)
        }
    }
}
