import Crypto
import FoundationEssentials

/// Seals Discord's tokens for the database (AES-256-GCM), bound to the session that they belong to: moved to another row
/// they do not open.
struct TokenSeal: Sendable {
    let key: [UInt8]

    func seal(_ tokens: DiscordTokens, session: String) throws -> String {
        let text = Array(try JSONEncoder().encode(tokens))
        return Base64.encode(AESGCM.seal(text, key: key, authenticating: Array(session.utf8)), as: .url)
    }

    /// `nil` when it was sealed with another key, for another session, or changed.
    func open(_ sealed: String, session: String) -> DiscordTokens? {
        guard let bytes = Base64.decode(sealed, as: .url),
            let text = AESGCM.open(bytes, key: key, authenticating: Array(session.utf8))
        else { return nil }
        return try? JSONDecoder().decode(DiscordTokens.self, from: Data(text))
    }
}
