/// Delays between attempts: each doubles the last bound and is drawn evenly from zero to that bound ("full jitter"), so
/// that many clients that failed together do not come back together.
package struct Backoff: Sendable {
    package let base: Duration
    package let limit: Duration
    package private(set) var attempt = 0

    package init(base: Duration, limit: Duration) {
        precondition(base > .zero && limit >= base)
        self.base = base
        self.limit = limit
    }

    /// The delay before the next attempt.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let bound = min(limit, base * (1 << min(attempt, 30)))
        attempt += 1
        return bound * Double.random(in: 0..<1, using: &generator)
    }

    package mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// Call once an attempt has proved good, not when it merely began.
    package mutating func reset() { attempt = 0 }
}
