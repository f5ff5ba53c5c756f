package import Core
package import Redis

/// Presence in a Redis or Valkey server: each place is a sorted set of members by the end of their leases, by the server's
/// clock, so that the clocks of the processes don't matter. A place expires with the last lease.
package final class RedisPresence: Presence {
    private let store: RedisStore

    /// - Parameter prefix: begins every key.
    package init(_ redis: RedisConnection, prefix: String = "tandem:", log: Log = .none, metrics: Metrics = Metrics()) {
        store = RedisStore(redis, prefix: prefix, log: log, metrics: metrics)
    }

    private static let now = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "

    package func arrive(_ member: String, in place: String, lease: Duration) async -> Bool {
        let script =
            Self.now + """
                local lease = tonumber(ARGV[2]) \
                redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) \
                redis.call('ZADD', KEYS[1], now + lease, ARGV[1]) \
                if redis.call('PTTL', KEYS[1]) < lease then redis.call('PEXPIRE', KEYS[1], lease) end \
                return 1
                """
        return await store.attempt(
            "arrive",
            RedisCommand(
                "EVAL", .text(script), "1", key(place), .text(member), .integer(max(1, lease.milliseconds))))
            != nil
    }

    package func leave(_ member: String, from place: String) async -> Bool {
        await store.attempt("leave", RedisCommand("ZREM", key(place), .text(member))) != nil
    }

    package func members(of place: String) async -> [String]? {
        let script = Self.now + "return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')"
        guard
            case .array(let members)? = await store.attempt(
                "members", RedisCommand("EVAL", .text(script), "1", key(place)))
        else { return nil }
        return members.compactMap(\.text).sorted()
    }

    private func key(_ place: String) -> RedisCommand.Word { store.name("p", place) }
}
