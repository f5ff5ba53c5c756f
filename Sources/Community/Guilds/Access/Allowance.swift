package import Cache
package import Core

/// How often one user, or one client without a name, may do something. Each process limits them by a bucket of tokens;
/// processes that share a cache together allow what one bucket allows in a minute. While the cache is unavailable, each
/// process counts for itself.
package struct Allowance: Sendable {
    private static let window: Duration = .seconds(60)

    private let name: String
    private let buckets: TokenBuckets<String>
    private let inWindow: Int
    private let cache: any Cache

    /// - Parameter name: tells apart what is counted in the cache.
    package init(
        _ name: String, burst: Int, perSecond: Double, cache: any Cache = MemoryCache(), time: TimeSource = .system
    ) {
        self.name = name
        self.cache = cache
        buckets = TokenBuckets(burst: burst, perSecond: perSecond, time: time)
        inWindow = burst + Int((perSecond * (Self.window / .seconds(1))).rounded(.up))
    }

    /// The changes that a user may make, on the web and on Discord together: `burst` at once, and `perSecond` more each
    /// second. A process has one of these.
    package static func writes(
        burst: Int = 30, perSecond: Double = 1, cache: any Cache = MemoryCache()
    ) -> Allowance {
        Allowance("writes", burst: burst, perSecond: perSecond, cache: cache)
    }

    /// Counts one more action of a user, or of a client by its address. Returns `nil` if it is allowed, otherwise how many
    /// seconds to wait, at least one.
    package func take(_ subject: some CustomStringConvertible) async -> Int64? {
        let key = "\(name):\(subject)"
        if let wait = buckets.take(key) {
            return max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))
        }
        let count = await cache.increment(key, by: 1, window: Self.window)
        return count.map { $0 > inWindow } ?? false ? 5 : nil
    }
}
