import Cache
import Guilds

/// How much one person may do: in this process by a bucket of tokens, and in all processes that share a cache together by
/// what one bucket gives in a minute. While the cache is away, each process counts for itself.
struct Allowance: Sendable {
    private static let window = 60

    private let name: String
    private let bucket: WriteLimiter
    private let inWindow: Int
    private let cache: any Cache

    /// - Parameter name: tells what is counted from what else is.
    init(_ name: String, burst: Int, perSecond: Double, cache: any Cache) {
        self.name = name
        self.cache = cache
        bucket = WriteLimiter(burst: burst, perSecond: perSecond)
        inWindow = burst + Int((perSecond * Double(Self.window)).rounded(.up))
    }

    /// Counts one more of `user`; `nil` if that may be, otherwise how long to wait.
    func take(_ user: UserID) async -> Duration? {
        if let wait = bucket.take(user) { return wait }
        let count = await cache.increment("\(name):\(user)", by: 1, window: .seconds(Self.window))
        return count.map { $0 > inWindow } ?? false ? .seconds(5) : nil
    }
}
