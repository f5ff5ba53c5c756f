import Synchronization
import Web
import Wire

/// The sign-ins that are being completed in this process. Discord exchanges their codes one after another, so only as many
/// wait as browsers have the patience for; whoever comes when the line is full is told when to come again, and can.
final class SignInLine: Sendable {
    private let places: Int
    private let taken = Mutex(0)

    init(places: Int) { self.places = places }

    /// Completes one sign-in, unless the line is full.
    ///
    /// - Throws: `HTTPError` 503 `too_many_sign_ins` with `Retry-After`; what `body` throws.
    func complete<Result>(_ body: () async throws -> Result) async throws -> Result {
        let isAdmitted = taken.withLock { taken in
            guard taken < places else { return false }
            taken += 1
            return true
        }
        guard isAdmitted else {
            throw HTTPError(
                503, "too_many_sign_ins",
                "Too many people are signing in at this moment. Load this page again in 10 s.",
                headers: ["retry-after": "10"])
        }
        defer { taken.withLock { $0 -= 1 } }
        return try await body()
    }
}
