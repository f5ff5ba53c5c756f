import Guilds
import Testing
import TestSupport

struct TokenBucketsTests {
    @Test func `allow a burst, then as many as come back in time`() {
        let time = ManualTime()
        let buckets = TokenBuckets<UserID>(burst: 3, perSecond: 2, time: time.source)
        for _ in 1...3 { #expect(buckets.take(UserID(1)) == nil) }
        #expect(buckets.take(UserID(1)) == .seconds(0.5))
        #expect(buckets.take(UserID(2)) == nil, "each has their own")
        time.advance(by: .milliseconds(400))
        #expect(buckets.take(UserID(1)) != nil)
        time.advance(by: .milliseconds(100))
        #expect(buckets.take(UserID(1)) == nil)
        time.advance(by: .seconds(3600))
        for _ in 1...3 { #expect(buckets.take(UserID(1)) == nil) }
        #expect(buckets.take(UserID(1)) != nil, "it holds no more than a burst")
    }

    @Test func `remember a bounded number of users, those nearest to the limit longest`() {
        let buckets = TokenBuckets<UserID>(burst: 2, perSecond: 0.001, limit: 100, time: ManualTime().source)
        for _ in 1...2 { #expect(buckets.take(UserID(1)) == nil) }
        for id in 2...10_000 { _ = buckets.take(UserID(Int64(id))) }
        #expect(buckets.count <= 101)
        #expect(buckets.take(UserID(1)) != nil)
    }
}
