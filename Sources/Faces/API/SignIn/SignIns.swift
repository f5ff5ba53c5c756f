import Core
import Crypto
import FoundationEssentials

/// Sign-ins in progress. Everything about one is kept by the browser: in the signed `state` that Discord sends back, which is
/// bound to a cookie, so that a state works only in the browser that asked for it.
struct SignIns: Sendable {
    static let lifetime = Duration.seconds(600)

    private struct Content: Codable {
        /// Makes every state unique.
        let nonce: String
        let returnTo: String
        /// Milliseconds since 1970.
        let expiry: Int64
    }

    /// A sign-in that has begun.
    struct Begun {
        let state: String
        /// For the cookie.
        let binding: String
        /// Proves to Discord, with the code, that it was issued for this sign-in (RFC 7636).
        let verifier: Secret
    }

    /// A sign-in whose browser has come back from Discord.
    struct Returned {
        let returnTo: String
        /// Until when the state is accepted, in milliseconds since 1970.
        let expiry: Int64
        /// That of the beginning: nobody keeps it.
        let verifier: Secret
    }

    let key: [UInt8]
    let time: TimeSource

    /// Begins a sign-in that leads back to `returnTo`.
    ///
    /// - Parameter binding: the browser's cookie if it has one, so that signing in from two tabs works in both.
    /// - Throws: `EncodingError`.
    func begin(returnTo: String, binding: String?) throws -> Begun {
        let binding =
            binding.flatMap { Self.isBinding($0) ? $0 : nil } ?? Base64.encode(SecureRandom.bytes(32), as: .url)
        let content = Content(
            nonce: Base64.encode(SecureRandom.bytes(16), as: .url), returnTo: returnTo,
            expiry: time.milliseconds + Self.lifetime.milliseconds)
        let text = Base64.encode(Array(try JSONEncoder().encode(content)), as: .url)
        return Begun(
            state: text + "." + signature(of: text, binding), binding: binding, verifier: verifier(of: text, binding))
    }

    /// The sign-in that was begun with this state in the browser with this cookie; `nil` for anything else, and after ten
    /// minutes.
    func returned(state: String, binding: String?) -> Returned? {
        guard let (text, signed) = Self.parts(of: state), let binding, Self.isBinding(binding),
            constantTimeEquals(Array(signed.utf8), Array(signature(of: text, binding).utf8)),
            let content = Self.content(text), content.expiry > time.milliseconds
        else { return nil }
        return Returned(
            returnTo: content.returnTo, expiry: content.expiry, verifier: verifier(of: text, binding))
    }

    /// Where a sign-in says that it began, whoever wrote that.
    static func claimedReturn(of state: String) -> String? { parts(of: state).flatMap { content($0.text)?.returnTo } }

    private static func parts(of state: String) -> (text: String, signed: String)? {
        let parts = state.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        return state.utf8.count <= 8192 && parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private static func content(_ text: String) -> Content? {
        Base64.decode(text, as: .url).flatMap { try? JSONDecoder().decode(Content.self, from: Data($0)) }
    }

    private func signature(of text: String, _ binding: String) -> String { authenticated("\(text).\(binding)") }

    /// Known to this site alone, and different for each sign-in and browser: 43 characters.
    private func verifier(of text: String, _ binding: String) -> Secret {
        Secret(authenticated("verifier.\(text).\(binding)"))
    }

    private func authenticated(_ text: String) -> String {
        Base64.encode(HMACSHA256.authenticate(Array(text.utf8), key: key), as: .url)
    }

    private static func isBinding(_ text: String) -> Bool { Base64.decode(text, as: .url)?.count == 32 }

    /// Whether `path` leads to a page of this site and nowhere else, however a browser reads it.
    static func isOwnPath(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        // No control characters or spaces, which browsers drop, and no backslash, which they take for a slash.
        return bytes.first == UInt8(ascii: "/") && (bytes.count == 1 || bytes[1] != UInt8(ascii: "/"))
            && bytes.count <= 2000 && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }
}
