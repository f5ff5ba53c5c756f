import Crypto
import FoundationEssentials

/// Encrypts Discord's tokens for the database (AES-256-GCM), bound to their session: in another row they don't decrypt.
struct TokenSeal: Sendable {
    let key: [UInt8]

    func seal(_ tokens: DiscordTokens, session: String) throws -> String {
        let text = Array(try JSONEncoder().encode(tokens))
        return Base64.encode(AESGCM.seal(text, key: key, authenticating: Array(session.utf8)), as: .url)
    }

    /// Returns `nil` if it was sealed with another key or for another session, or was changed.
    func open(_ sealed: String, session: String) -> DiscordTokens? {
        guard let bytes = Base64.decode(sealed, as: .url),
            let text = AESGCM.open(bytes, key: key, authenticating: Array(session.utf8))
        else { return nil }
        return try? JSONDecoder().decode(DiscordTokens.self, from: Data(text))
    }
}
