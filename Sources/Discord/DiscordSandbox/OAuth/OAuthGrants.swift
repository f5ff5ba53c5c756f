import Core
import Crypto

/// The codes and tokens that were issued, and for which user and scopes.
package struct OAuthGrants: Sendable {
    /// One user's consent for an application, with its current tokens.
    package struct Grant: Sendable, Equatable {
        package let userID: UInt64
        package let applicationID: UInt64
        package let scopes: Set<String>
        package let expiresAt: Int64
        let refreshToken: String
    }

    struct Code: Sendable {
        let userID: UInt64
        let applicationID: UInt64
        let scopes: Set<String>
        let redirectURI: String
        let challenge: (text: String, isHashed: Bool)?
        let expiresAt: Int64
        let guildID: UInt64?
    }

    private struct Refresh: Sendable {
        let userID: UInt64
        let applicationID: UInt64
        let scopes: Set<String>
        var accessToken: String
    }

    static let codeLifetime = Duration.seconds(10 * 60)
    static let tokenLifetime = Duration.seconds(7 * 86_400)
    /// How many codes and tokens are kept; above that all are dropped.
    private static let limit = 5000

    private var codes: [String: Code] = [:]
    private var access: [String: Grant] = [:]
    private var refreshes: [String: Refresh] = [:]

    package init() {}

    mutating func issueCode(_ code: Code, now: Int64) -> String {
        codes = codes.filter { $0.value.expiresAt > now }
        if codes.count >= Self.limit { codes.removeAll() }
        let text = Realm.randomToken(15)
        codes[text] = code
        return text
    }

    /// Takes a code, which is valid once, even when the rest of the request is wrong.
    mutating func redeem(_ text: String, now: Int64) -> Code? {
        guard let code = codes.removeValue(forKey: text), code.expiresAt > now else { return nil }
        return code
    }

    /// Issues a pair of tokens, with Discord's lifetimes.
    mutating func issue(userID: UInt64, applicationID: UInt64, scopes: Set<String>, now: Int64) -> JSON {
        access = access.filter { $0.value.expiresAt > now }
        if access.count >= Self.limit {
            access.removeAll()
            refreshes.removeAll()
        }
        let token = Realm.randomToken(15)
        let refresh = Realm.randomToken(15)
        access[token] = Grant(
            userID: userID, applicationID: applicationID, scopes: scopes,
            expiresAt: now + Self.tokenLifetime.milliseconds,
            refreshToken: refresh)
        refreshes[refresh] = Refresh(
            userID: userID, applicationID: applicationID, scopes: scopes, accessToken: token)
        return [
            "token_type": "Bearer", "access_token": .string(token),
            "expires_in": .integer(Self.tokenLifetime.components.seconds),
            "refresh_token": .string(refresh), "scope": .string(scopes.sorted().joined(separator: " ")),
        ]
    }

    /// Replaces both tokens of a grant.
    mutating func refresh(_ token: String, applicationID: UInt64, now: Int64) -> JSON? {
        guard let known = refreshes[token], known.applicationID == applicationID else { return nil }
        refreshes[token] = nil
        access[known.accessToken] = nil
        return issue(userID: known.userID, applicationID: applicationID, scopes: known.scopes, now: now)
    }

    /// Ends the grant that an access or refresh token belongs to.
    mutating func revoke(_ token: String, applicationID: UInt64) {
        if let grant = access[token], grant.applicationID == applicationID {
            access[token] = nil
            refreshes[grant.refreshToken] = nil
        } else if let known = refreshes[token], known.applicationID == applicationID {
            refreshes[token] = nil
            access[known.accessToken] = nil
        }
    }

    package func grant(accessToken: String, now: Int64) -> Grant? {
        guard let grant = access[accessToken], grant.expiresAt > now else { return nil }
        return grant
    }

    /// Whether the verifier matches the challenge (RFC 7636).
    static func verifies(_ verifier: String?, _ challenge: (text: String, isHashed: Bool)?) -> Bool {
        guard let challenge else { return true }
        guard let verifier else { return false }
        guard challenge.isHashed else { return verifier == challenge.text }
        return Base64.encode(SHA256.hash(Array(verifier.utf8)), as: .url) == challenge.text
    }
}
