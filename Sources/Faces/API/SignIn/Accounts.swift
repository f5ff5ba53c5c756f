package import Core
package import Guilds

/// What is asked of Discord on behalf of those who have signed in, with the tokens of their sessions.
package struct Accounts: MembershipSource {
    let provider: any SignInProvider
    private let sessions: Sessions
    private let clock: WallClock

    package init(provider: any SignInProvider, sessions: Sessions, clock: WallClock = .system) {
        self.provider = provider
        self.sessions = sessions
        self.clock = clock
    }

    package func mayAsk(about user: UserID) async throws -> Bool { try await sessions.tokens(of: user) != nil }

    /// With the tokens of the session that began last; those that are not good any more are forgotten, and the next
    /// session's tried.
    package func memberships(of user: UserID) async throws -> [ReportedMembership]? {
        for _ in 0..<8 {
            guard let (session, tokens) = try await sessions.tokens(of: user) else { return nil }
            do {
                return try await memberships(session, tokens)
            } catch is SignInRefused {
                try await sessions.keep(nil, of: session)
            }
        }
        return nil
    }

    /// - Throws: `SignInRefused` when the session has no tokens that are good.
    func memberships(through session: Session) async throws -> [ReportedMembership] {
        guard let tokens = try await sessions.tokens(of: session) else { throw SignInRefused() }
        return try await memberships(session, tokens)
    }

    private func memberships(_ session: Session, _ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        guard tokens.expiresAt > clock.milliseconds + 60_000 else { return try await renewed(session, tokens) }
        do {
            return try await provider.memberships(tokens)
        } catch is SignInRefused {
            return try await renewed(session, tokens)
        }
    }

    private func renewed(_ session: Session, _ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        let fresh: DiscordTokens
        do {
            fresh = try await provider.refresh(tokens)
        } catch is SignInRefused {
            // Another request of the same session may have used them up a moment before.
            guard let kept = try await sessions.tokens(of: session), kept != tokens else { throw SignInRefused() }
            return try await provider.memberships(kept)
        }
        // Kept before anything else can fail: the old ones are used up.
        try await sessions.keep(fresh, of: session)
        return try await provider.memberships(fresh)
    }
}
