package import Core
package import Guilds

/// Signs people in and out with Discord, and asks Discord about their memberships with the tokens of their sessions.
///
/// Errors: `SignInRefused` when Discord doesn't accept the code or the session's tokens, `DiscordUnavailable` when Discord
/// can't be asked just now, `StoreError` when the database can't.
package struct Accounts: MembershipSource {
    /// A token that expires sooner than this is renewed before it's used.
    private static let expiryMargin = Duration.seconds(60)

    private let provider: any SignInProvider
    private let directory: GuildDirectory
    private let sessions: Sessions
    private let time: TimeSource
    private let log: Log

    package init(
        provider: any SignInProvider, directory: GuildDirectory, sessions: Sessions, time: TimeSource = .system,
        log: Log = .none
    ) {
        self.provider = provider
        self.directory = directory
        self.sessions = sessions
        self.time = time
        self.log = log.labelled("accounts")
    }

    // MARK: Signing in and out

    /// Where to send the browser so that its user may consent. `state` comes back with the code, `verifier` must go with it.
    package func authorizationURL(state: String, verifier: Secret) -> String {
        provider.authorizationURL(state: state, verifier: verifier)
    }

    /// Starts a session for the account that `code` stands for, after recording the account and its guilds.
    ///
    /// - Parameters:
    ///   - code: what the browser brought back from Discord; good once.
    ///   - verifier: of the address that it was sent to.
    ///   - browser: which browser it is, in words.
    package func signIn(code: String, verifier: Secret, browser: String) async throws -> StartedSession {
        let (tokens, user, memberships) = try await asking {
            let tokens = try await provider.exchange(code: code, verifier: verifier)
            return (tokens, try await provider.account(tokens), try await provider.memberships(tokens))
        }
        try await directory.record(signedIn: user)
        let started = try await sessions.start(for: user.id, tokens: tokens, browser: browser)
        try await directory.record(memberships: memberships, of: user.id)
        return started
    }

    /// Ends the session. With the user's last session their tokens are revoked: Discord revokes all of them at once.
    package func signOut(_ session: Session) async throws {
        let tokens = try await sessions.tokens(of: session)
        try await sessions.end(session)
        guard let tokens, try await sessions.tokens(of: session.userID) == nil else { return }
        await revoke(tokens, of: session.userID)
    }

    /// Ends all sessions of `user` and revokes their tokens.
    package func signOutEverywhere(_ user: UserID) async throws {
        let tokens = try await sessions.tokens(of: user)?.tokens
        try await sessions.endAll(of: user)
        if let tokens { await revoke(tokens, of: user) }
    }

    /// Deletes what `user`'s sign-ins have left, their sessions last: until then it can be asked for again.
    package func forget(_ user: UserID) async throws {
        try await directory.forget(user)
        try await signOutEverywhere(user)
    }

    private func revoke(_ tokens: DiscordTokens, of user: UserID) async {
        do {
            try await provider.revoke(tokens)
        } catch {
            log.warning("tokens not revoked", ["user": "\(user)", "error": "\(error)"])
        }
    }

    /// Asks Discord which guilds the session's user is in and records the answer. A session whose tokens Discord refuses
    /// ends.
    package func refreshMemberships(of session: Session) async throws {
        do {
            guard let tokens = try await sessions.tokens(of: session) else { throw SignInRefused() }
            try await directory.record(memberships: try await memberships(session, tokens), of: session.userID)
        } catch let error as SignInRefused {
            try await sessions.end(session)
            throw error
        }
    }

    // MARK: Memberships

    package func mayAsk(about user: UserID) async throws -> Bool { try await sessions.tokens(of: user) != nil }

    /// Asks with the tokens of the user's newest session. Tokens that Discord refuses are forgotten, and those of the next
    /// session are tried.
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

    private func memberships(_ session: Session, _ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        guard tokens.expiresAt > time.milliseconds + Self.expiryMargin.milliseconds else {
            return try await renewed(session, tokens)
        }
        do {
            return try await asking { try await provider.memberships(tokens) }
        } catch is SignInRefused {
            return try await renewed(session, tokens)
        }
    }

    private func renewed(_ session: Session, _ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        let fresh: DiscordTokens
        do {
            fresh = try await asking { try await provider.refresh(tokens) }
        } catch is SignInRefused {
            // Another request of the same session may have used them up a moment ago.
            guard let kept = try await sessions.tokens(of: session), kept != tokens else { throw SignInRefused() }
            return try await asking { try await provider.memberships(kept) }
        }
        // Kept before anything else can fail: the old ones are used up.
        try await sessions.keep(fresh, of: session)
        return try await asking { try await provider.memberships(fresh) }
    }

    /// Calls the provider; any error but its refusal becomes `DiscordUnavailable`.
    private func asking<Result>(_ question: () async throws -> Result) async throws -> Result {
        do {
            return try await question()
        } catch let error where !(error is SignInRefused || error is CancellationError) {
            throw DiscordUnavailable(cause: error)
        }
    }
}
