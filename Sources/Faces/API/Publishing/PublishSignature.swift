import Core
import Crypto
import Guilds
import Store
import Web
import Wire

/// The proof that an event comes from a program that knows the secret, and was sent just now, and once.
struct PublishSignature: Sendable {
    static let timestamp = "x-tandem-timestamp"
    static let signature = "x-tandem-signature"
    /// How far the sender's clock may be off, in either direction, in seconds.
    static let tolerance: Int64 = 60

    private let key: [UInt8]
    private let clock: WallClock

    /// - Parameter secret: an empty one proves nothing to anybody.
    init(secret: Secret, clock: WallClock) {
        key = Array(secret.revealed.utf8)
        self.clock = clock
    }

    /// Until when the same signature could be sent again, in milliseconds since 1970.
    ///
    /// - Throws: 401 `invalid_signature`, without saying what is wrong with it.
    func verify(_ request: Request) throws -> (signature: String, expiry: Int64) {
        guard !key.isEmpty, let sent = request.headers[Self.timestamp], sent.utf8.count <= 12,
            let seconds = Int64(sent), String(seconds) == sent,
            let claimed = request.headers[Self.signature], claimed.hasPrefix("sha256="), claimed.utf8.count == 71
        else { throw Self.refusal }
        let expected = HMACSHA256.authenticate(Array("\(sent).".utf8) + request.body, key: key)
        let digits = String(claimed.dropFirst(7))
        guard let proof = Hex.decode(digits), constantTimeEquals(proof, expected),
            (seconds - Self.tolerance...seconds + Self.tolerance).contains(clock.milliseconds / 1000)
        else { throw Self.refusal }
        return (Hex.encode(expected), (seconds + Self.tolerance + 1) * 1000)
    }

    static var refusal: HTTPError {
        HTTPError(
            401, "invalid_signature",
            "The event must be signed: X-Tandem-Timestamp within \(tolerance) s, and X-Tandem-Signature, each used once."
        )
    }
}
