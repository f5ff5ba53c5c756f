import Core
import Crypto
import Guilds
import Store
import Web
import Wire

/// Verifies that an event was sent just now by a program that knows the secret: an HMAC-SHA256 of timestamp and body.
struct PublishSignature: Sendable {
    static let timestamp = "x-tandem-timestamp"
    static let signature = "x-tandem-signature"
    /// How far the sender's clock may be off in either direction, in seconds.
    static let tolerance: Int64 = 60

    private let key: [UInt8]
    private let time: TimeSource

    /// - Parameter secret: with an empty one every signature is refused.
    init(secret: Secret, time: TimeSource) {
        key = Array(secret.revealed.utf8)
        self.time = time
    }

    /// A signature, and until when it would be accepted again, in milliseconds since 1970.
    typealias Used = (text: String, expiry: Int64)

    /// Returns the signature, and until when it would be accepted again, in milliseconds since 1970. What else differs, even by a
    /// fraction of a second, has another signature.
    ///
    /// - Throws: `HTTPError` 401 `invalid_signature`, without saying what is wrong with it.
    func verify(_ request: Request) throws -> Used {
        try verify(
            request.body, timestamp: request.headers[Self.timestamp], signature: request.headers[Self.signature])
    }

    /// The same for a body that came another way, and may have been on it for up to `age`, in seconds.
    func verify(
        _ body: [UInt8], timestamp: String?, signature: String?, age: Int64 = tolerance
    ) throws -> Used {
        guard !key.isEmpty, let sent = timestamp, let seconds = Self.seconds(in: sent),
            let claimed = signature, claimed.hasPrefix("sha256="), claimed.utf8.count == 71
        else { throw Self.refusal }
        let expected = HMACSHA256.authenticate(Array("\(sent).".utf8) + body, key: key)
        let digits = String(claimed.dropFirst(7))
        guard let proof = Hex.decode(digits), constantTimeEquals(proof, expected),
            (seconds - Self.tolerance...seconds + age).contains(time.milliseconds / 1000)
        else { throw Self.refusal }
        return (Hex.encode(expected), (seconds + age + 1) * 1000)
    }

    /// The whole seconds of a timestamp, which may have a fraction of up to nine digits.
    private static func seconds(in timestamp: String) -> Int64? {
        let parts = timestamp.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].utf8.count <= 12, let seconds = Int64(parts[0]), String(seconds) == parts[0] else { return nil }
        let isWellFormed = parts.dropFirst().allSatisfy { fraction in
            (1...9).contains(fraction.utf8.count)
                && fraction.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        return isWellFormed ? seconds : nil
    }

    /// 401 `invalid_signature`.
    static var refusal: HTTPError {
        HTTPError(
            401, "invalid_signature",
            """
            The event must be signed: X-Tandem-Timestamp within \(tolerance) s of now, and an X-Tandem-Signature not used before. \
            To send the same again within a second, give the timestamp a fraction.
            """
        )
    }
}
