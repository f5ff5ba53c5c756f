package import Fanout
package import Guilds

/// Decides by session and membership who may see which topic.
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
        return Access(
            topics: grants.keys.sorted(), validity: grants.values.min() ?? AccessPolicy.longestGrant)
    }
}
