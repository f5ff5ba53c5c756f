import Core

/// How often applications may identify. See Discord's Session Start Limit Object
/// (events/gateway#session-start-limit-object) and Sharding (events/gateway#sharding-max-concurrency).
package struct SessionStarts: Sendable {
    /// The limit of one application as `GET /gateway/bot` reports it.
    package struct Limit: Sendable, Equatable {
        package let total: Int
        package let remaining: Int
        /// Milliseconds until `remaining` is `total` again.
        package let resetAfter: Int64
    }

    private struct Key: Hashable {
        let application: UInt64
        /// The shard's number modulo `concurrency`.
        let bucket: Int
    }

    /// How many shards may identify at the same time.
    package let concurrency: Int
    private let total: Int
    /// When the shards of each bucket identified last.
    private var identifies: [Key: [Int64]] = [:]
    private var days: [UInt64: (begin: Int64, starts: Int)] = [:]

    private static let window = Duration.seconds(5)
    private static let day = Duration.seconds(86_400)
    /// A client without shards may identify more often than on Discord, so that tests needn't wait for one another.
    private static let unshardedLimit = 16

    package init(concurrency: Int = 1, total: Int = 1000) {
        precondition(concurrency > 0)
        self.concurrency = concurrency
        self.total = total
    }

    /// Counts an identify, and returns whether it is allowed.
    package mutating func take(_ application: UInt64, shard: (index: Int, count: Int)?, now: Int64) -> Bool {
        let window = Self.window.milliseconds
        if identifies.count > 2000 { identifies = identifies.filter { now - ($0.value.last ?? 0) < window } }
        let isSharded = (shard?.count ?? 1) > 1
        let key = Key(application: application, bucket: (shard?.index ?? 0) % concurrency)
        var times = (identifies[key] ?? []).filter { now - $0 < window }
        guard times.count < (isSharded ? 1 : Self.unshardedLimit), limit(of: application, now: now).remaining > 0 else {
            return false
        }
        times.append(now)
        identifies[key] = times
        let day = today(of: application, now: now)
        days[application] = (day.begin, day.starts + 1)
        return true
    }

    package func limit(of application: UInt64, now: Int64) -> Limit {
        let day = today(of: application, now: now)
        return Limit(
            total: total, remaining: max(0, total - day.starts),
            resetAfter: day.begin + Self.day.milliseconds - now)
    }

    private func today(of application: UInt64, now: Int64) -> (begin: Int64, starts: Int) {
        guard let day = days[application], now - day.begin < Self.day.milliseconds else { return (now, 0) }
        return day
    }
}
