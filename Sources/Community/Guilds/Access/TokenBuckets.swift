package import Core
import Synchronization

/// One bucket of tokens for each key, such as a user: every action takes a token, and tokens come back with time.
///
/// Remembers only keys whose bucket is not full, and at most `limit` of them; beyond that it forgets the fullest half.
package final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: Duration
    }

    private let burst: Double
    private let perSecond: Double
    private let limit: Int
    private let time: TimeSource
    private let buckets = Mutex<[Key: Bucket]>([:])

    /// - Parameters:
    ///   - burst: how many tokens a bucket holds, at least 1.
    ///   - perSecond: how many come back each second.
    package init(burst: Int, perSecond: Double, limit: Int = 10_000, time: TimeSource = .system) {
        precondition(burst >= 1 && perSecond > 0 && limit >= 2)
        self.burst = Double(burst)
        self.perSecond = perSecond
        self.limit = limit
        self.time = time
    }

    /// Takes tokens of `key`, all or none. Returns `nil` if there were enough, otherwise how long it takes until there are; never,
    /// if the bucket doesn't hold as many.
    package func take(_ key: Key, _ count: Int = 1) -> Duration? {
        let now = time.now
        return buckets.withLock { buckets in
            var bucket = buckets[key] ?? Bucket(tokens: burst, filled: now)
            bucket.tokens = level(of: bucket, at: now)
            bucket.filled = now
            defer {
                buckets[key] = bucket
                if buckets.count > limit { forget(&buckets, at: now) }
            }
            let count = Double(count)
            guard bucket.tokens >= count else { return .seconds((count - bucket.tokens) / perSecond) }
            bucket.tokens -= count
            return nil
        }
    }

    /// How many keys it remembers.
    package var count: Int { buckets.withLock { $0.count } }

    private func level(of bucket: Bucket, at now: Duration) -> Double {
        min(burst, bucket.tokens + perSecond * ((now - bucket.filled) / .seconds(1)))
    }

    private func forget(_ buckets: inout [Key: Bucket], at now: Duration) {
        let levels = buckets.map { (key: $0.key, level: level(of: $0.value, at: now)) }
        let fullest = levels.sorted { $0.level > $1.level }.prefix(limit / 2)
        for (key, _) in fullest { buckets[key] = nil }
    }
}
