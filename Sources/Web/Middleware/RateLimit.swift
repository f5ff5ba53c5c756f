import Synchronization
import Wire

/// Lets each client make so many requests at once and so many a second after that (a token bucket each); further ones are
/// answered 429 `rate_limited` with `Retry-After`.
///
/// It counts in this process only, and at most `capacity` clients: when more come, those whose buckets are full are
/// forgotten, for they have nothing to wait for.
package final class RateLimit: Sendable {
    private struct Bucket {
        var tokens: Double
        var updated: ContinuousClock.Instant
    }

    private let burst: Double
    private let perSecond: Double
    private let capacity: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let key: @Sendable (Request) -> String?
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - key: who the client is, nil for one that isn't limited; by default its address.
    ///   - now: the time, which a test can set.
    package init(
        burst: Int, perSecond: Double, capacity: Int = 10_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        key: @escaping @Sendable (Request) -> String? = { $0.remoteAddress }
    ) {
        precondition(burst > 0 && perSecond > 0 && capacity > 0)
        self.burst = Double(burst)
        self.perSecond = perSecond
        self.capacity = capacity
        self.now = now
        self.key = key
    }

    package var middleware: Middleware {
        { [self] request, next in
            if let key = key(request), let wait = take(key) {
                throw HTTPError(
                    429, "rate_limited", "Too many requests. Try again in \(wait) seconds.",
                    headers: ["retry-after": "\(wait)"])
            }
            return try await next(request)
        }
    }

    /// Nil when there was a token, otherwise the whole seconds until there is one.
    private func take(_ key: String) -> Int? {
        let now = now()
        return buckets.withLock { buckets in
            if buckets[key] == nil, buckets.count >= capacity { forget(&buckets, now) }
            var bucket = buckets[key] ?? Bucket(tokens: burst, updated: now)
            bucket.tokens = level(bucket, now)
            bucket.updated = now
            defer { buckets[key] = bucket }
            guard bucket.tokens >= 1 else { return max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up))) }
            bucket.tokens -= 1
            return nil
        }
    }

    private func level(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        min(burst, bucket.tokens + max(0, (now - bucket.updated) / .seconds(1)) * perSecond)
    }

    /// Makes room. If nobody can be forgotten for nothing, all are: too kind for a moment is better than without bound.
    private func forget(_ buckets: inout [String: Bucket], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { level($0.value, now) < burst }
        if buckets.count >= capacity { buckets = [:] }
    }
}
