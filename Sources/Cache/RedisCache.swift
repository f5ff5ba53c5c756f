package import Core
package import Redis

/// A cache in a Redis or Valkey server, shared by all who use the same prefix.
///
/// Give it a connection with short timeouts: requests wait for it. While the server is away each operation returns at once.
package final class RedisCache: Cache {
    private let redis: RedisConnection
    private let prefix: String
    private let meters: CacheMeters

    /// - Parameter prefix: begins every key.
    package init(_ redis: RedisConnection, prefix: String = "tandem:", log: Log = .none, metrics: Metrics = Metrics()) {
        self.redis = redis
        self.prefix = prefix
        meters = CacheMeters(log: log, metrics: metrics)
    }

    package func value(for key: String) async -> [UInt8]? {
        var value: [UInt8]?
        if case .bytes(let bytes)? = await attempt("get", RedisCommand("GET", name("v", key))) { value = bytes }
        meters.read(found: value != nil)
        return value
    }

    package func set(_ value: [UInt8], for key: String, lifetime: Duration) async {
        guard fits(key, value) else { return meters.tooLarge("set", value.count) }
        guard lifetime > .zero else { return await removeValue(for: key) }
        _ = await attempt(
            "set", RedisCommand("SET", name("v", key), .bytes(value), "PX", .integer(Int64(lifetime.milliseconds))))
    }

    package func removeValue(for key: String) async {
        _ = await attempt("delete", RedisCommand("DEL", name("v", key)))
    }

    package func deposit(_ value: [UInt8], for key: String, lifetime: Duration) async throws(CacheError) {
        guard fits(key, value) else { throw CacheError(.tooLarge, "this is too large to be kept") }
        guard lifetime > .zero else { return }
        let command = RedisCommand(
            "SET", name("t", key), .bytes(value), "PX", .integer(Int64(lifetime.milliseconds)))
        do {
            try await redis.send(command)
            meters.worked()
        } catch {
            meters.failed("deposit", error)
            throw CacheError(.unavailable, "this can't be kept at the moment; try again soon")
        }
    }

    package func take(_ key: String) async throws(CacheError) -> [UInt8]? {
        do {
            // One command that nothing can come between; GETDEL does the same from version 6.2 on.
            let reply = try await redis.send(
                "EVAL", "local v = redis.call('GET', KEYS[1]) redis.call('DEL', KEYS[1]) return v", "1", name("t", key))
            meters.worked()
            return if case .bytes(let bytes) = reply { bytes } else { nil }
        } catch {
            // The server may have handed it out and the answer been lost: it's gone, and nobody gets it.
            meters.failed("take", error)
            throw CacheError(.unavailable, "this can't be checked at the moment; try again soon")
        }
    }

    package func increment(_ key: String, by amount: Int, window: Duration) async -> Int? {
        guard fits(key, []) else {
            meters.tooLarge("increment", key.utf8.count)
            return nil
        }
        // A count without expiry would stay for ever, so both happen or none.
        let script = """
            local n = redis.call('INCRBY', KEYS[1], ARGV[1]) \
            if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end \
            return n
            """
        let reply = await attempt(
            "increment",
            RedisCommand(
                "EVAL", .text(script), "1", name("c", key), .integer(Int64(amount)),
                .integer(Int64(max(1, window.milliseconds)))))
        return if case .integer(let count)? = reply { Int(count) } else { nil }
    }

    private func name(_ kind: String, _ key: String) -> RedisCommand.Word { .text("\(prefix)\(kind):\(key)") }

    private func fits(_ key: String, _ value: [UInt8]) -> Bool {
        key.utf8.count <= CacheLimits.keyBytes && value.count <= CacheLimits.valueBytes
    }

    private func attempt(_ what: String, _ command: RedisCommand) async -> RedisReply? {
        do {
            let reply = try await redis.send(command)
            meters.worked()
            return reply
        } catch {
            meters.failed(what, error)
            return nil
        }
    }
}
