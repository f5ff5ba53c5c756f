import Core
import Testing

struct BackoffTests {
    private struct Highest: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    @Test func `delays double up to the limit and begin anew after a success`() {
        var backoff = Backoff(base: .seconds(1), limit: .seconds(8))
        var generator = Highest()
        let delays = (0..<6).map { _ in backoff.next(using: &generator) }
        for (delay, bound) in zip(delays, [1, 2, 4, 8, 8, 8]) {
            #expect(delay <= .seconds(bound) && delay > .seconds(bound) * 0.99)
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .seconds(1))
    }

    @Test func `delays are spread over the whole range`() {
        var backoff = Backoff(base: .seconds(16), limit: .seconds(16))
        let delays = (0..<400).map { _ in backoff.next() }
        #expect(delays.contains { $0 < .seconds(4) })
        #expect(delays.contains { $0 > .seconds(12) })
    }

    @Test func `a secret shows in no description`() {
        let secret = Secret("hunter2")
        #expect(!"\(secret) \(String(reflecting: secret)) \([secret])".contains("hunter2"))
        #expect(secret.revealed == "hunter2")
    }
}
