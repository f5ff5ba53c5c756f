package import Cache

/// How much one person may do: in this process by a bucket of tokens, and in all processes that share a cache together by
/// what one bucket gives in a minute. While the cache is away, each process counts for itself.
package struct Allowance: Sendable {
    private static let window = 60

    private let name: String
    private let bucket: TokenBuckets
    private let inWindow: Int
    private let cache: any Cache

    /// - Parameter name: tells what is counted from what else is.
    package init(_ name: String, burst: Int, perSecond: Double, cache: any Cache = MemoryCache()) {
        self.name = name
        self.cache = cache
        bucket = TokenBuckets(burst: burst, perSecond: perSecond)
        inWindow = burst + Int((perSecond * Double(Self.window)).rounded(.up))
    }

    /// The changes that a person may make, on the web and on Discord together: `burst` at once, and how many more each
    /// second. A process has one of these.
    package static func writes(
        burst: Int = 30, perSecond: Double = 1, cache: any Cache = MemoryCache()
    ) -> Allowance {
        Allowance("writes", burst: burst, perSecond: perSecond, cache: cache)
    }

    /// Counts one more of `user`; `nil` if that may be, otherwise how many seconds to wait, one at least.
    package func take(_ user: UserID) async -> Int64? {
        if let wait = bucket.take(user) {
            return max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0))
        }
        let count = await cache.increment("\(name):\(user)", by: 1, window: .seconds(Self.window))
        return count.map { $0 > inWindow } ?? false ? 5 : nil
    }
}
