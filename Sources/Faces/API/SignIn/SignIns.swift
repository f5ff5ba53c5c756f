import Core
import Crypto
import FoundationEssentials

/// Sign-ins that are under way. All there is to know about one travels with the browser: signed in the `state` that
/// Discord hands back, and bound to a cookie, so that a state works only in the browser that asked for it.
struct SignIns: Sendable {
    static let cookie = "tandem_signin"
    static let lifetime: Int64 = 10 * 60_000

    private struct Content: Codable {
        /// Makes every state another.
        let nonce: String
        let returnTo: String
        /// Milliseconds since 1970.
        let expiry: Int64
    }

    struct Begun {
        let state: String
        /// For the cookie.
        let binding: String
    }

    struct Returned {
        let returnTo: String
        let expiry: Int64
    }

    let key: [UInt8]
    let clock: WallClock

    /// - Parameter binding: the browser's cookie if it has one, so that signing in from two tabs works in both.
    func begin(returnTo: String, binding: String?) throws -> Begun {
        let binding =
            binding.flatMap { Self.isBinding($0) ? $0 : nil } ?? Base64.encode(SecureRandom.bytes(32), as: .url)
        let content = Content(
            nonce: Base64.encode(SecureRandom.bytes(16), as: .url), returnTo: returnTo,
            expiry: clock.milliseconds + Self.lifetime)
        let text = Base64.encode(Array(try JSONEncoder().encode(content)), as: .url)
        return Begun(state: text + "." + signature(of: text, binding), binding: binding)
    }

    /// What was begun with this state in the browser that has this cookie; `nil` for anything else, and after ten minutes.
    func returned(state: String, binding: String?) -> Returned? {
        let parts = state.split(separator: ".", omittingEmptySubsequences: false)
        guard state.utf8.count <= 8192, parts.count == 2, let binding, Self.isBinding(binding),
            constantTimeEquals(Array(parts[1].utf8), Array(signature(of: String(parts[0]), binding).utf8)),
            let bytes = Base64.decode(String(parts[0]), as: .url),
            let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)),
            content.expiry > clock.milliseconds
        else { return nil }
        return Returned(returnTo: content.returnTo, expiry: content.expiry)
    }

    private func signature(of text: String, _ binding: String) -> String {
        Base64.encode(HMACSHA256.authenticate(Array("\(text).\(binding)".utf8), key: key), as: .url)
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
