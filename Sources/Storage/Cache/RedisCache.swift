package import Core
package import Redis

/// A cache in a Redis or Valkey server, shared by all processes that use the same prefix.
///
/// Give it a connection with short timeouts: requests wait for it. While the server is unavailable each operation returns at
/// once. Throws `CacheError`, as `Cache` says.
package final class RedisCache: Cache {
    private let store: RedisStore

    /// - Parameter prefix: begins every key.
    package init(_ redis: RedisConnection, prefix: String = "tandem:", log: Log = .none, metrics: Metrics = Metrics()) {
        store = RedisStore(redis, prefix: prefix, log: log, metrics: metrics)
    }

    package func value(for key: String) async -> [UInt8]? {
        var value: [UInt8]?
        if case .bytes(let bytes)? = await store.attempt("get", RedisCommand("GET", store.name("v", key))) {
            value = bytes
        }
        store.meters.read(found: value != nil)
        return value
    }

    package func set(_ value: [UInt8], for key: String, lifetime: Duration) async {
        guard fits(key, value) else { return store.meters.tooLarge("set", value.count) }
        guard lifetime > .zero else { return await removeValue(for: key) }
        _ = await store.attempt(
            "set",
            RedisCommand("SET", store.name("v", key), .bytes(value), "PX", .integer(lifetime.milliseconds)))
    }

    package func removeValue(for key: String) async {
        _ = await store.attempt("delete", RedisCommand("DEL", store.name("v", key)))
    }

    package func deposit(_ value: [UInt8], for key: String, lifetime: Duration) async throws(CacheError) {
        guard fits(key, value) else { throw CacheError(.tooLarge, "this is too large to be stored") }
        guard lifetime > .zero else { return }
        let command = RedisCommand(
            "SET", store.name("t", key), .bytes(value), "PX", .integer(lifetime.milliseconds))
        do {
            _ = try await store.send("deposit", command)
        } catch {
            throw CacheError(.unavailable, "this can't be stored at the moment; try again soon")
        }
    }

    package func take(_ key: String) async throws(CacheError) -> [UInt8]? {
        do {
            // One command that nothing can come between; GETDEL does the same from version 6.2 on.
            let command = RedisCommand(
                "EVAL", "local v = redis.call('GET', KEYS[1]) redis.call('DEL', KEYS[1]) return v", "1",
                store.name("t", key))
            return if case .bytes(let bytes) = try await store.send("take", command) { bytes } else { nil }
        } catch {
            // The server may have handed it out and the answer been lost: then it's gone, and no caller gets it.
            throw CacheError(.unavailable, "this can't be checked at the moment; try again soon")
        }
    }

    package func increment(_ key: String, by amount: Int, window: Duration) async -> Int? {
        guard fits(key, []) else {
            store.meters.tooLarge("increment", key.utf8.count)
            return nil
        }
        // A count without expiry would stay for ever, so both happen or neither does.
        let script = """
            local n = redis.call('INCRBY', KEYS[1], ARGV[1]) \
            if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end \
            return n
            """
        let reply = await store.attempt(
            "increment",
            RedisCommand(
                "EVAL", .text(script), "1", store.name("c", key), .integer(Int64(amount)),
                .integer(max(1, window.milliseconds))))
        return if case .integer(let count)? = reply { Int(count) } else { nil }
    }

    private func fits(_ key: String, _ value: [UInt8]) -> Bool {
        key.utf8.count <= CacheLimits.keyBytes && value.count <= CacheLimits.valueBytes
    }
}
