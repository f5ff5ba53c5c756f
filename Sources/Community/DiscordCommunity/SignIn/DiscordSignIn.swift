package import Core
package import Discord
package import Guilds

/// Signs people in with Discord by OAuth2.
///
/// Errors: `SignInRefused` where Discord answers 400 or 401 or consent was withdrawn, otherwise `DiscordError`.
package struct DiscordSignIn: SignInProvider {
    private let client: OAuth2Client
    private let time: TimeSource

    package init(_ client: OAuth2Client, time: TimeSource = .system) {
        self.client = client
        self.time = time
    }

    package func authorizationURL(state: String, verifier: Secret) -> String {
        client.authorizationURL(state: state, verifier: verifier)
    }

    package func exchange(code: String, verifier: Secret) async throws -> DiscordTokens {
        try await refusing { tokens(try await client.exchange(code: code, verifier: verifier)) }
    }

    package func refresh(_ old: DiscordTokens) async throws -> DiscordTokens {
        guard let refresh = old.refresh else { throw SignInRefused() }
        return try await refusing {
            var new = tokens(try await client.refresh(Secret(refresh)))
            new.refresh = new.refresh ?? refresh
            return new
        }
    }

    package func account(_ tokens: DiscordTokens) async throws -> Guilds.User {
        let user = try await refusing { try await client.user(Secret(tokens.access)) }
        guard let user = Guilds.User(user) else { throw SignInRefused() }
        return user
    }

    package func memberships(_ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        try await refusing { try await client.guilds(Secret(tokens.access)) }.compactMap(ReportedMembership.init)
    }

    package func revoke(_ tokens: DiscordTokens) async throws {
        try await client.revoke(Secret(tokens.refresh ?? tokens.access))
    }

    private func tokens(_ token: OAuth2Token) -> DiscordTokens {
        DiscordTokens(
            access: token.accessToken.revealed, refresh: token.refreshToken?.revealed,
            expiresAt: time.milliseconds + Int64(max(0, token.expiresIn)) * 1000,
            scopes: token.scope.split(separator: " ").map(String.init))
    }

    /// A 400 or 401 means that the code or the token is no longer good; any other failure may be temporary.
    private func refusing<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as DiscordError {
            if case .refused(let status, _, _) = error.reason, status == 400 || status == 401 { throw SignInRefused() }
            throw error
        }
    }
}
