package import Core

/// The session of a user who is signed in, in one browser.
package struct Session: Sendable, Hashable, Codable {
    /// Identifies the session in events and logs. It is not a credential.
    package let id: String
    package let userID: UserID
    /// When it ends if it is not used, in milliseconds since 1970.
    package let expiresAt: Int64
    /// When it ends even if it is used, in milliseconds since 1970.
    package let endsAt: Int64
}

/// A session as its user is told of it.
package struct SignedIn: Sendable, Hashable {
    package let id: String
    /// In words, such as "Firefox on Linux"; empty for one that began before that was kept.
    package let browser: String
    /// Milliseconds since 1970, as the next.
    package let startedAt: Int64
    /// The last use that was recorded: at most one each hour is.
    package let usedAt: Int64
}

/// A session that has just begun, with the only copy of its token.
package struct StartedSession: Sendable {
    package let session: Session
    /// The cookie's value: 256 random bits. Only its digest is stored.
    package let token: Secret
}

/// Discord's OAuth2 tokens for asking on a user's behalf. Never printed: descriptions are redacted.
package struct DiscordTokens: Sendable, Hashable, Codable {
    package var access: String
    package var refresh: String?
    /// When the access token ends, in milliseconds since 1970.
    package var expiresAt: Int64
    package var scopes: [String]

    package init(access: String, refresh: String?, expiresAt: Int64, scopes: [String]) {
        self.access = access
        self.refresh = refresh
        self.expiresAt = expiresAt
        self.scopes = scopes
    }
}

extension DiscordTokens: CustomStringConvertible, CustomReflectable {
    package var description: String { "(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
