import Synchronization

/// How often one person may change things: a bucket of tokens each, which refills with time.
///
/// It remembers only those whose bucket is not full, and at most `limit` of them: beyond that the fullest are forgotten.
package final class TokenBuckets: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: Duration
    }

    private let burst: Double
    private let perSecond: Double
    private let limit: Int
    private let now: @Sendable () -> Duration
    private let buckets = Mutex<[UserID: Bucket]>([:])

    /// - Parameter now: time that never jumps, from any beginning.
    package init(burst: Int, perSecond: Double, limit: Int = 10_000, now: @escaping @Sendable () -> Duration = uptime())
    {
        precondition(burst >= 1 && perSecond > 0 && limit >= 2)
        self.burst = Double(burst)
        self.perSecond = perSecond
        self.limit = limit
        self.now = now
    }

    /// Takes a token of `user`; `nil` if there was one, otherwise how long it takes until there is.
    package func take(_ user: UserID) -> Duration? {
        let time = now()
        return buckets.withLock { buckets in
            var bucket = buckets[user] ?? Bucket(tokens: burst, filled: time)
            bucket.tokens = level(of: bucket, at: time)
            bucket.filled = time
            defer {
                buckets[user] = bucket
                if buckets.count > limit { forget(&buckets, at: time) }
            }
            guard bucket.tokens >= 1 else { return .seconds((1 - bucket.tokens) / perSecond) }
            bucket.tokens -= 1
            return nil
        }
    }

    /// How many people it remembers.
    package var count: Int { buckets.withLock { $0.count } }

    private func level(of bucket: Bucket, at time: Duration) -> Double {
        let passed = time - bucket.filled
        return min(
            burst,
            bucket.tokens + perSecond
                * (Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18))
    }

    private func forget(_ buckets: inout [UserID: Bucket], at time: Duration) {
        let levels = buckets.map { (user: $0.key, level: level(of: $0.value, at: time)) }
        let fullest = levels.sorted { $0.level > $1.level }.prefix(limit / 2)
        for (user, _) in fullest { buckets[user] = nil }
    }

    package static func uptime() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { ContinuousClock.now - start }
    }
}
