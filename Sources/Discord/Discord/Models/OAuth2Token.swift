/// A user's tokens (RFC 6749, section 5.1). See Discord's Authorization Code Grant
/// (topics/oauth2#authorization-code-grant).
package struct OAuth2Token: Codable, Hashable, Sendable {
    package var accessToken: Token
    @Tolerant package var tokenType: String
    /// Seconds.
    @Tolerant package var expiresIn: Int
    package var refreshToken: Token?
    /// The scopes granted, separated by spaces.
    @Tolerant package var scope: String

    package init(
        accessToken: Token, tokenType: String = "Bearer", expiresIn: Int = 604_800, refreshToken: Token? = nil,
        scope: String = ""
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.scope = scope
    }

    private enum CodingKeys: String, CodingKey {
        case scope
        case accessToken = "access_token"
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case refreshToken = "refresh_token"
    }
}
