import Cache
import Core
import EventLoop
import Redis
import Synchronization
import Testing
import TestSupport

struct CacheTests {
    @Test func `the cache in memory keeps the promises of a cache`() async throws {
        let cache = MemoryCache()
        try await CacheConformance(one: cache, other: cache).run()
    }

    @Test func `the cache in Redis keeps the promises of a cache`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 2))
        func cache() async throws -> RedisCache {
            RedisCache(
                try await RedisConnection(try RedisConfiguration(url: server.url), loop: group.next(), log: .none))
        }
        try await CacheConformance(one: try await cache(), other: try await cache()).run()
        // Whatever was left has an end.
        let keys = try server.command("KEYS", "*").split(separator: "\n").map(String.init)
        #expect(!keys.isEmpty)
        for key in keys { #expect(try server.command("PTTL", key) != "-1\n") }
        await group.shutdown()
    }

    @Test func `while Redis is away reads find nothing, writes are dropped, and nothing is taken twice`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await RedisConnection(try RedisConfiguration(url: server.url), loop: group.next(), log: .none)
        let (lines, metrics) = (Lines(), Metrics())
        let cache = RedisCache(redis, log: Log { lines.add($0) }, metrics: metrics)
        await cache.set([1], for: "a", lifetime: .seconds(60))
        try await cache.deposit([1], for: "t", lifetime: .seconds(60))
        server.kill()
        try await eventually("the loss") { !redis.isConnected }
        let start = ContinuousClock.now
        #expect(await cache.value(for: "a") == nil)
        await cache.set([2], for: "a", lifetime: .seconds(60))
        await cache.removeValue(for: "a")
        #expect(await cache.increment("n", by: 1, window: .seconds(1)) == nil)
        do {
            _ = try await cache.take("t")
            Issue.record("a token was taken from nowhere")
        } catch { #expect(error.kind == .unavailable) }
        do {
            try await cache.deposit([1], for: "t", lifetime: .seconds(1))
            Issue.record("a token was deposited nowhere")
        } catch { #expect(error.kind == .unavailable) }
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(lines.all.count == 1)
        #expect(metrics.rendered().contains(#"tandem_cache_operations_total{outcome="failed"} 6"#))
        try await server.start()
        try await eventually("the return") {
            await cache.set([3], for: "a", lifetime: .seconds(60))
            return await cache.value(for: "a") == [3]
        }
        #expect(lines.all.count == 2)
        await redis.close()
        await group.shutdown()
    }

    @Test func `the cache in memory is bounded by entries and by bytes, and the oldest go first`() {
        let few = MemoryCache(entryLimit: 3)
        for key in ["a", "b", "a", "c", "d"] { few.set([1], for: key, lifetime: .seconds(60)) }
        #expect(["a", "b", "c", "d"].map { few.value(for: $0) != nil } == [true, false, true, true])
        let small = MemoryCache(byteLimit: CacheLimits.valueBytes)
        let half = [UInt8](repeating: 0, count: CacheLimits.valueBytes / 2)
        for key in ["a", "b", "c"] { small.set(half, for: key, lifetime: .seconds(60)) }
        #expect(["a", "b", "c"].map { small.value(for: $0) != nil } == [false, true, true])
        for _ in 0..<10_000 { small.set([1], for: "same", lifetime: .seconds(60)) }
        #expect(small.value(for: "same") == [1])
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
