package import Core
import Crypto

/// Derives a separate key for each purpose from one secret of the configuration, so that nothing that one part signs or
/// seals is valid for another.
package struct Keyring: Sendable {
    private let secret: [UInt8]

    /// - Parameter secret: at least 32 secret bytes.
    package init(_ secret: Secret) { self.secret = Array(secret.revealed.utf8) }

    /// Returns 32 bytes derived from the secret and the purpose, from which neither can be computed.
    package func key(for purpose: String) -> [UInt8] {
        HMACSHA256.authenticate(Array("tandem/\(purpose)".utf8), key: secret)
    }
}
