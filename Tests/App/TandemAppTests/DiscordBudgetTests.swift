import Cache
import Core
import EventLoop
import Redis
import Synchronization
import TandemApp
import Testing
import TestSupport

struct DiscordBudgetTests {
    /// Sends requests that are counted once the budget lets them through.
    private final class Requests: Sendable {
        private let sent = Atomic(0)
        var count: Int { sent.load(ordering: .acquiring) }

        func send(by budget: DiscordBudget) async throws {
            try await budget.take()
            sent.add(1, ordering: .acquiringAndReleasing)
        }
    }

    private let token = Secret("a token")

    @Test func `processes that share a cache send eight requests in 200 ms together`() async throws {
        let time = ManualTime()
        let cache = MemoryCache(time: time.source)
        let processes = (0..<2).map { _ in DiscordBudget(token: token, cache: cache, time: time.source) }
        let requests = Requests()
        try await withThrowingTaskGroup { tasks in
            for number in 0..<20 { tasks.addTask { try await requests.send(by: processes[number % 2]) } }
            func others(wait count: Int) async throws {
                try await eventually("\(20 - count) requests being sent and \(count) waiting") {
                    requests.count == 20 - count && time.sleepers.count == count
                }
            }
            try await others(wait: 12)
            // They ask again, in vain.
            time.advance(by: .milliseconds(100))
            try await others(wait: 12)
            // Another token has a limit of its own.
            try await DiscordBudget(token: Secret("another"), cache: cache, time: time.source).take()
            time.advance(by: .milliseconds(100))
            try await others(wait: 4)
            time.advance(by: .milliseconds(200))
            try await others(wait: 0)
            try await tasks.waitForAll()
        }
    }

    @Test func `a request that is given up while it waits is not sent`() async throws {
        let time = ManualTime()
        let budget = DiscordBudget(token: token, cache: MemoryCache(time: time.source), time: time.source)
        for _ in 0..<8 { try await budget.take() }
        let late = Task { try await budget.take() }
        try await time.waitForSleepers()
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test func `without a common cache a process sends the share of its shards`() async throws {
        let time = ManualTime()
        let budget = DiscordBudget(token: token, cache: nil, time: time.source)
        let requests = Requests()
        /// Sends two requests after one another and returns how long the second waited.
        func pause() async throws -> Duration {
            try await requests.send(by: budget)
            let (before, count) = (time.now, requests.count)
            async let second: Void = requests.send(by: budget)
            try await eventually("the second request") { requests.count > count || !time.sleepers.isEmpty }
            if let moment = time.sleepers.first { time.advance(to: moment) }
            try await second
            let waited = time.now - before
            time.advance(by: .seconds(1))
            return waited
        }
        #expect(try await pause() == .zero, "it runs none of the shards")
        budget.began(of: 4)
        #expect(try await pause() == .milliseconds(100), "10 of 40 a second")
        budget.began(of: 4)
        #expect(try await pause() == .milliseconds(50), "20 of 40 a second")
        budget.began(of: 4)
        budget.began(of: 4)
        #expect(try await pause() == .zero, "all are its own, so the client's own limit is enough")
        for _ in 0..<3 { budget.ended() }
        #expect(try await pause() == .milliseconds(100))
    }

    @Test func `the count is kept in Redis, and a process keeps to its share while Redis is away`() async throws {
        let (server, group) = (try await RedisServer(), EventLoopGroup(count: 1))
        func process() async throws -> (budget: DiscordBudget, redis: RedisConnection) {
            let redis = try await RedisConnection(
                try RedisConfiguration(url: server.url), loop: group.next(), log: .none)
            let budget = DiscordBudget(token: token, cache: RedisCache(redis))
            budget.began(of: 4)
            return (budget, redis)
        }
        let processes = [try await process(), try await process()]
        let requests = Requests()
        let begun = ContinuousClock.now
        try await withThrowingTaskGroup { tasks in
            for number in 0..<24 { tasks.addTask { try await requests.send(by: processes[number % 2].budget) } }
            try await tasks.waitForAll()
        }
        #expect(requests.count == 24)
        #expect(ContinuousClock.now - begun >= .milliseconds(400), "the third eight")

        server.kill()
        let (budget, redis) = processes[0]
        try await eventually("the loss") { !redis.isConnected }
        let lost = ContinuousClock.now
        for _ in 0..<3 { try await budget.take() }
        #expect(ContinuousClock.now - lost >= .milliseconds(200), "10 of 40 a second")

        try await server.start()
        try await eventually("requests being counted in Redis again") {
            try await budget.take()
            return try server.command("INFO", "commandstats").contains("incrby")
        }
        await group.shutdown()
    }
}
