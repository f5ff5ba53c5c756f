package import Core
package import Discord
package import Guilds

/// Signing in with Discord itself, or with whatever stands in its place.
package struct DiscordSignIn: SignInProvider {
    private let client: OAuth2Client
    private let clock: WallClock

    package init(_ client: OAuth2Client, clock: WallClock = .system) {
        self.client = client
        self.clock = clock
    }

    package func authorizationAddress(state: String) -> String { client.authorizationURL(state: state) }

    package func exchange(code: String) async throws -> DiscordTokens {
        try await refusing { tokens(try await client.exchange(code: code)) }
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
        guard let id = UserID(user.id.description) else { throw SignInRefused() }
        return Guilds.User(
            id: id, username: user.username, globalName: user.globalName, avatarHash: user.avatar,
            isBot: user.bot ?? false)
    }

    package func memberships(_ tokens: DiscordTokens) async throws -> [ReportedMembership] {
        try await refusing { try await client.guilds(Secret(tokens.access)) }.compactMap { guild in
            GuildID(guild.id.description).map { id in
                ReportedMembership(
                    guildID: id, name: guild.name, iconHash: guild.icon, isOwner: guild.owner,
                    permissions: GuildPermissions(rawValue: guild.permissions.rawValue))
            }
        }
    }

    package func revoke(_ tokens: DiscordTokens) async throws {
        try await client.revoke(Secret(tokens.refresh ?? tokens.access))
    }

    private func tokens(_ token: OAuth2Token) -> DiscordTokens {
        DiscordTokens(
            access: token.accessToken.revealed, refresh: token.refreshToken?.revealed,
            expiresAt: clock.milliseconds + Int64(max(0, token.expiresIn)) * 1000,
            scopes: token.scope.split(separator: " ").map(String.init))
    }

    /// A 400 or 401 says that code or token are not good; every other failure may pass.
    private func refusing<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as DiscordError {
            if case .refused(let status, _, _) = error.reason, status == 400 || status == 401 { throw SignInRefused() }
            throw error
        }
    }
}
