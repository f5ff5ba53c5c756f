package import Core
import Crypto
import FoundationEssentials
import Web

/// Signs users in with Discord (RFC 6749, section 4.1). See Discord's OAuth2 (topics/oauth2).
///
/// Errors: every request throws `DiscordError`, or `CancellationError` when its task is cancelled.
package struct OAuth2Client: Sendable {
    /// The application as it is registered with Discord.
    package struct Configuration: Sendable {
        package var clientID: Snowflake
        package var clientSecret: Secret
        /// Exactly as registered with Discord.
        package var redirectURI: String
        package var scopes = ["identify", "guilds"]
        /// The REST base, such as `https://discord.com/api/v10`.
        package var baseURL: String
        /// Where users consent; by default on the base's host.
        package var authorizeURL: String

        package init(
            clientID: Snowflake, clientSecret: Secret, redirectURI: String,
            baseURL: String = "https://discord.com/api/v10", authorizeURL: String? = nil
        ) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.redirectURI = redirectURI
            self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
            self.authorizeURL = authorizeURL ?? Self.origin(of: self.baseURL) + "/oauth2/authorize"
        }

        /// `https://discord.com` of `https://discord.com/api/v10`.
        private static func origin(of url: String) -> String {
            let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
            return parts.prefix(3).joined(separator: "/")
        }
    }

    package let configuration: Configuration
    private let client: RESTClient

    package init(
        _ configuration: Configuration, transport: any HTTPTransport = URLSessionTransport(),
        time: TimeSource = .system, log: Log = .none, limits: RateLimiter.Limits = RateLimiter.Limits()
    ) {
        self.configuration = configuration
        var rest = RESTClient.Configuration(baseURL: configuration.baseURL, token: nil)
        rest.limits = limits
        client = RESTClient(rest, transport: transport, time: time, log: log)
    }

    /// Returns the address where the user consents.
    ///
    /// - Parameters:
    ///   - state: unguessable and bound to the browser; returned with the code (RFC 6749, section 10.12).
    ///   - verifier: what the exchange of the code will prove knowledge of (RFC 7636): 43 to 128 letters, digits and `-._~`,
    ///     of its own for each sign-in.
    ///   - silently: don't ask a user that has consented before.
    package func authorizationURL(state: String, verifier: Secret, silently: Bool = true) -> String {
        let fields = FormFields([
            (name: "client_id", value: configuration.clientID.description), (name: "response_type", value: "code"),
            (name: "redirect_uri", value: configuration.redirectURI),
            (name: "scope", value: configuration.scopes.joined(separator: " ")), (name: "state", value: state),
            (name: "prompt", value: silently ? "none" : "consent"),
            (name: "code_challenge", value: Base64.encode(SHA256.hash(Array(verifier.revealed.utf8)), as: .url)),
            (name: "code_challenge_method", value: "S256"),
        ])
        return configuration.authorizeURL + "?" + fields.encoded
    }

    /// Returns the address where a user that manages a guild can add the bot to it. Guild pages will link to it.
    package func installURL(permissions: Permissions, guild: Snowflake? = nil) -> String {
        var pairs = [
            (name: "client_id", value: configuration.clientID.description),
            (name: "scope", value: "bot applications.commands"),
            (name: "permissions", value: String(permissions.rawValue)),
        ]
        if let guild { pairs += [("guild_id", guild.description), ("disable_guild_select", "true")] }
        return configuration.authorizeURL + "?" + FormFields(pairs).encoded
    }

    /// Exchanges the code that the browser brought back for tokens. A code is valid once, for some minutes, and with the
    /// verifier of the address at which the user consented: nobody else can use it.
    package func exchange(code: String, verifier: Secret) async throws -> OAuth2Token {
        try await token([
            (name: "grant_type", value: "authorization_code"), (name: "code", value: code),
            (name: "redirect_uri", value: configuration.redirectURI),
            (name: "code_verifier", value: verifier.revealed),
        ])
    }

    /// Exchanges a refresh token for new tokens; the refresh token is used up. Goes before the codes that wait for their exchange:
    /// these come from anybody, those from people who are signed in.
    package func refresh(_ refreshToken: Secret) async throws -> OAuth2Token {
        try await token(
            [(name: "grant_type", value: "refresh_token"), (name: "refresh_token", value: refreshToken.revealed)],
            goesFirst: true)
    }

    /// Revokes a token, and with it its access or refresh token.
    package func revoke(_ token: Secret) async throws {
        // Revoking twice does no harm.
        _ = try await post("/oauth2/token/revoke", [(name: "token", value: token.revealed)], mayBeResent: true)
    }

    /// Returns the user that a token belongs to.
    package func user(_ token: Secret) async throws -> User { try await get("/users/@me", token, as: User.self) }

    /// Returns the guilds that the token's user is in, at most 200.
    package func guilds(_ token: Secret) async throws -> [UserGuild] {
        try await get("/users/@me/guilds", token, as: [UserGuild].self)
    }

    private func token(
        _ fields: [(name: String, value: String)], goesFirst: Bool = false
    ) async throws -> OAuth2Token {
        let data = try await post("/oauth2/token", fields, mayBeResent: false, goesFirst: goesFirst)
        return try decode(OAuth2Token.self, data, of: "/oauth2/token")
    }

    private func post(
        _ path: String, _ fields: [(name: String, value: String)], mayBeResent: Bool, goesFirst: Bool = false
    ) async throws -> Data {
        let form = FormFields(
            fields + [
                (name: "client_id", value: configuration.clientID.description),
                (name: "client_secret", value: configuration.clientSecret.revealed),
            ])
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
            ("User-Agent", client.configuration.userAgent),
        ]
        return try await client.send(
            Route(.post, path, goesFirst: goesFirst), headers: headers, body: Array(form.encoded.utf8),
            mayBeResent: mayBeResent)
    }

    private func get<Answer: Decodable>(_ path: String, _ token: Secret, as type: Answer.Type) async throws -> Answer {
        // Each token has its own limits, so it is the major parameter, as the channel or guild is in a bot's routes.
        let route = Route(.get, path, limitedBy: String(token.revealed.hashValue), countsGlobally: false)
        let headers = [
            ("Authorization", "Bearer \(token.revealed)"), ("Accept", "application/json"),
            ("User-Agent", client.configuration.userAgent),
        ]
        return try decode(type, try await client.send(route, headers: headers, body: nil, mayBeResent: true), of: path)
    }

    private func decode<Answer: Decodable>(_ type: Answer.Type, _ data: Data, of path: String) throws -> Answer {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw DiscordError(.unreadable(error.place), "Discord's answer to \(path) can't be read: \(error.place).")
        }
    }
}
