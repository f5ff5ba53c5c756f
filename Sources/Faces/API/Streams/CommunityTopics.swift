package import Fanout
package import Guilds
import Scheduler
package import Store

/// Decides by session, membership and roles who may see which topic, and what of it: what happens to a game is for those who
/// may know of the game.
package struct CommunityTopics: TopicPolicy {
    private let policy: AccessPolicy
    private let sessions: Sessions

    package init(policy: AccessPolicy, sessions: Sessions) {
        self.policy = policy
        self.sessions = sessions
    }

    /// Says so when the session has ended. Asking extends the session: an open page counts as use.
    ///
    /// - Throws: `GuildsError.membershipUnknown` when Discord can't confirm a membership just now; `StoreError`.
    package func access(of principal: Principal, to interest: Interest) async throws -> Access {
        if let session = principal.session, try await sessions.find(id: session) == nil { return .signedOut }
        let grants: [String: Duration]
        switch interest {
        case .topics(let topics):
            var found: [String: Duration] = [:]
            for topic in Set(topics) {
                found[topic] = try await policy.grant(principal: principal.id, topic: topic)
            }
            grants = found
        case .following(let prefixes):
            grants = try await policy.topics(of: principal.id).filter { topic, _ in
                prefixes.contains { topic.hasPrefix($0) }
            }
        }
        let views = try await views(of: principal, on: grants.keys)
        let validity = (Array(grants.values) + views.values.map(\.validity)).min()
        return Access(
            topics: grants.keys.sorted(), views: views.mapValues(TopicView.init),
            validity: validity ?? AccessPolicy.longestGrant)
    }

    private func views(
        of principal: Principal, on topics: some Sequence<String>
    ) async throws -> [String: GuildView] {
        guard case .user(let user)? = CommunityTopic(principal.id) else { return [:] }
        let guilds = topics.compactMap { if case .guild(let guild)? = CommunityTopic($0) { guild } else { nil } }
        let views = try await policy.views(of: user, in: guilds)
        // Who is no longer known as a member is about to lose the topic.
        return Dictionary(
            uniqueKeysWithValues: guilds.map { (CommunityTopic.name(of: $0), views[$0] ?? .nothing) })
    }

    package func audience(of event: Event) -> Audience? {
        GameEvent.place(of: event).map { place in
            Audience(section: place.channel.number, principal: CommunityTopic.name(of: place.host))
        }
    }
}

extension TopicView {
    /// The sections of a guild's topic are its channels.
    fileprivate init(_ view: GuildView) {
        self = view.channels.map { .sections(Set($0.map(\.number))) } ?? .everything
    }
}
