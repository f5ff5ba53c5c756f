import Guilds
import Synchronization
import Testing

@Suite struct `A limit on changes` {
    @Test func `allows a burst, then as many as come in time`() {
        let time = Mutex(Duration.zero)
        let limiter = WriteLimiter(burst: 3, perSecond: 2) { time.withLock { $0 } }
        for _ in 1...3 { #expect(limiter.take(UserID(1)) == nil) }
        #expect(limiter.take(UserID(1)) == .seconds(0.5))
        #expect(limiter.take(UserID(2)) == nil, "each has their own")
        time.withLock { $0 += .milliseconds(400) }
        #expect(limiter.take(UserID(1)) != nil)
        time.withLock { $0 += .milliseconds(100) }
        #expect(limiter.take(UserID(1)) == nil)
        time.withLock { $0 += .seconds(3600) }
        for _ in 1...3 { #expect(limiter.take(UserID(1)) == nil) }
        #expect(limiter.take(UserID(1)) != nil, "it holds no more than a burst")
    }

    @Test func `remembers a bounded number of people, those nearest to the limit longest`() {
        let limiter = WriteLimiter(burst: 2, perSecond: 0.001, limit: 100) { .zero }
        for _ in 1...2 { #expect(limiter.take(UserID(1)) == nil) }
        for id in 2...10_000 { _ = limiter.take(UserID(Int64(id))) }
        #expect(limiter.count <= 101)
        #expect(limiter.take(UserID(1)) != nil)
    }
}
