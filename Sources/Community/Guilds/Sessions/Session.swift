package import Core

/// Somebody who is signed in, in one browser.
package struct Session: Sendable, Hashable, Codable {
    /// Names the session where its end is told. It opens nothing.
    package let id: String
    package let userID: UserID
    /// When it ends if it is not used, in milliseconds since 1970.
    package let expiresAt: Int64
    /// When it ends even if it is used.
    package let endsAt: Int64
}

/// A session that has just begun, with the only copy of its token.
package struct StartedSession: Sendable {
    package let session: Session
    /// For the cookie: 256 random bits. Only its digest is kept.
    package let token: Secret
}

/// What Discord gave for asking it on somebody's behalf.
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
