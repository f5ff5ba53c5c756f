import Cache
import Core
import EventLoop
import Redis
import Testing
import TestSupport

struct PresenceTests {
    @Test func `presence in memory keeps its promises`() async throws {
        let presence = MemoryPresence()
        try await conform(presence, presence)
    }

    @Test func `presence in Redis keeps its promises, and is unknown while Redis is away`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        let redis = try await RedisConnection(try RedisConfiguration(url: server.url), loop: group.next(), log: .none)
        try await conform(RedisPresence(redis), RedisPresence(redis))
        server.kill()
        try await eventually("the loss") { !redis.isConnected }
        #expect(await RedisPresence(redis).members(of: "hall") == nil)
        #expect(await RedisPresence(redis).arrive("ann", in: "hall", lease: .seconds(1)) == false)
        await redis.close()
        await group.shutdown()
    }

    private func conform(_ one: any Presence, _ other: any Presence) async throws {
        #expect(await one.members(of: "hall") == [])
        #expect(await one.arrive("bob", in: "hall", lease: .seconds(60)))
        #expect(await other.arrive("ann 🎲", in: "hall", lease: .milliseconds(80)))
        #expect(await other.arrive("bob", in: "yard", lease: .seconds(60)))
        #expect(await other.members(of: "hall")?.contains("bob") == true)
        try await eventually("the end of a lease") { await one.members(of: "hall") == ["bob"] }
        // A shorter lease of another doesn't end the place early, and a renewed one counts from now.
        for _ in 0..<10 {
            await one.arrive("cy", in: "hall", lease: .seconds(2))
            try await Task.sleep(for: .milliseconds(250))
        }
        #expect(await other.members(of: "hall") == ["bob", "cy"])
        await other.leave("bob", from: "hall")
        await other.leave("nobody", from: "nowhere")
        #expect(await one.members(of: "hall")?.contains("bob") == false)
        #expect(await one.members(of: "yard") == ["bob"])
    }
}
