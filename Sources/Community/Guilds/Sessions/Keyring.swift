package import Core
import Crypto

/// One secret from the configuration, and a key of its own for each purpose, so that nothing that one part signs or seals
/// means anything to another.
package struct Keyring: Sendable {
    private let secret: [UInt8]

    /// - Parameter secret: at least 32 bytes that nobody else knows.
    package init(_ secret: Secret) { self.secret = Array(secret.revealed.utf8) }

    /// 32 bytes that follow from the secret and the purpose, and tell neither.
    package func key(for purpose: String) -> [UInt8] {
        HMACSHA256.authenticate(Array("tandem/\(purpose)".utf8), key: secret)
    }
}
