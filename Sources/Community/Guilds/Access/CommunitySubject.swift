package import Store

/// What remembered reads of the community are about, and what events change. The texts only have to differ.
package enum CommunitySubject {
    /// Everything about one user: sessions, memberships, roles.
    package static func user(_ id: UserID) -> String { "user/\(id)" }
    /// The guild itself, its channels and its roles.
    package static func guild(_ id: GuildID) -> String { "guild/\(id)" }
    /// Who the guild's members are, where not each of them gets an event.
    package static func members(_ id: GuildID) -> String { "members/\(id)" }
    /// The names that the guild shows for users.
    package static func names(_ id: GuildID) -> String { "names/\(id)" }

    /// The name of an account, which is shown where it isn't a member.
    package static func account(_ id: UserID) -> String { "account/\(id)" }

    /// What an event changes. Also events of other programs, which may have any payload.
    package static func changed(by event: EventDraft) -> [String] {
        if let subjects = MemberEvents.changed(by: event) { return subjects }
        switch CommunityTopic(event.topic) {
        case .user(let user)?: return [Self.user(user)]
        case .guild(let guild)? where event.kind == AccessEvents.guildUpdated: return [Self.guild(guild)]
        case .guild?, nil: return []
        }
    }
}

/// Events about members that no stream carries: they only say that what processes remember of them has changed.
enum MemberEvents {
    private static let renamed = "member.renamed"
    private static let replaced = "members.replaced"
    private static let members = "members/"
    private static let accounts = "accounts/"

    /// Somebody is shown with another name in the guild.
    static func renamed(in guild: GuildID) -> EventDraft {
        EventDraft(topic: members + guild.description, kind: renamed, payload: #"{"guild_id":"\#(guild)"}"#)
    }

    /// An account has another name.
    static func renamed(_ user: UserID) -> EventDraft {
        EventDraft(topic: accounts + user.description, kind: renamed, payload: #"{"user_id":"\#(user)"}"#)
    }

    /// Several members were written or removed at once, of whom not all get events of their own.
    static func replaced(in guild: GuildID) -> EventDraft {
        EventDraft(topic: members + guild.description, kind: replaced, payload: #"{"guild_id":"\#(guild)"}"#)
    }

    /// What such an event changes; `nil` for any other.
    static func changed(by event: EventDraft) -> [String]? {
        if event.topic.hasPrefix(accounts) {
            return UserID(event.topic.dropFirst(accounts.count)).map { [CommunitySubject.account($0)] }
        }
        guard event.topic.hasPrefix(members), let guild = GuildID(event.topic.dropFirst(members.count)) else {
            return nil
        }
        let names = CommunitySubject.names(guild)
        return event.kind == renamed ? [names] : [names, CommunitySubject.members(guild)]
    }
}
