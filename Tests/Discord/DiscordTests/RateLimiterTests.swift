import Discord
import Testing

/// Drives a limiter as its shell would, with time that stands still until it is moved.
private struct Desk {
    var limiter: RateLimiter
    var now = Duration.zero
    var sent: [RateLimiter.RequestID] = []
    var finished: [RateLimiter.RequestID] = []
    var refused: [RateLimiter.RequestID: RateLimiter.Refusal] = [:]
    var wakeAt: Duration?
    var randomness = Fixed(part: 0.5)

    init(_ limits: RateLimiter.Limits = RateLimiter.Limits()) { limiter = RateLimiter(limits: limits) }

    mutating func take(_ actions: [RateLimiter.Action]) {
        for action in actions {
            switch action {
            case .send(let id): sent.append(id)
            case .finish(let id): finished.append(id)
            case .refuse(let id, let refusal): refused[id] = refusal
            case .wake(let moment): wakeAt = moment
            }
        }
    }

    @discardableResult
    mutating func request(_ route: Route, mayBeResent: Bool = true) -> RateLimiter.RequestID {
        let (id, actions) = limiter.enqueued(route, mayBeResent: mayBeResent, at: now)
        take(actions)
        return id
    }

    mutating func answer(_ id: RateLimiter.RequestID, _ answer: RateLimitAnswer) {
        complete(id, .answered(answer))
    }

    mutating func complete(_ id: RateLimiter.RequestID, _ outcome: RateLimiter.Outcome) {
        take(limiter.completed(id, outcome, at: now, using: &randomness))
    }

    /// Goes on until the moment that the limiter asked for.
    mutating func sleep() throws {
        now = try #require(wakeAt)
        take(limiter.timerFired(at: now))
    }
}

private func post(_ channel: Int) -> Route { Route(.post, "/channels/{}/messages", String(channel), majors: 1) }
private func patch(_ channel: Int, _ message: Int) -> Route {
    Route(.patch, "/channels/{}/messages/{}", String(channel), String(message), majors: 1)
}

private func ok(_ bucket: String? = "b", remaining: Int = 4, resetAfter: Duration = .seconds(5)) -> RateLimitAnswer {
    RateLimitAnswer(status: 200, bucket: bucket, limit: 5, remaining: remaining, resetAfter: resetAfter)
}

private func limited(
    _ scope: RateLimitAnswer.Scope, after: Duration? = .seconds(3), bucket: String? = "b"
) -> RateLimitAnswer {
    RateLimitAnswer(status: 429, bucket: bucket, retryAfter: after, scope: scope)
}

@Suite struct RateLimiterTests {
    @Test func `requests of one queue go one after another, others at once`() {
        var desk = Desk()
        let first = desk.request(post(1))
        let second = desk.request(post(1))
        let other = desk.request(post(2))
        #expect(desk.sent == [first, other])
        desk.answer(first, ok())
        #expect(desk.sent == [first, other, second])
        #expect(desk.finished == [first])
    }

    @Test func `an empty bucket waits for its reset, and not for the time of day`() throws {
        var desk = Desk()
        let first = desk.request(post(1))
        let second = desk.request(post(1))
        desk.now = .seconds(100)
        desk.answer(first, ok(remaining: 0, resetAfter: .milliseconds(1500)))
        #expect(desk.sent == [first])
        #expect(desk.wakeAt == .milliseconds(101_500))
        try desk.sleep()
        #expect(desk.sent == [first, second])
    }

    @Test func `kinds of requests that turn out to share a bucket share a queue, in order of arrival`() {
        var desk = Desk()
        let create = desk.request(post(1))
        let edit = desk.request(patch(1, 7))
        let edit2 = desk.request(patch(1, 8))
        let create2 = desk.request(post(1))
        #expect(desk.sent == [create, edit])
        desk.answer(create, ok("shared"))
        #expect(desk.sent == [create, edit, create2])
        desk.answer(edit, ok("shared"))
        // create2 is on its way, and the queue is one now.
        #expect(desk.sent == [create, edit, create2])
        desk.answer(create2, ok("shared"))
        #expect(desk.sent == [create, edit, create2, edit2])
    }

    @Test func `one bucket has a queue for each major parameter`() {
        var desk = Desk()
        let first = desk.request(post(1))
        desk.answer(first, ok(remaining: 0, resetAfter: .seconds(60)))
        let blocked = desk.request(post(1))
        let free = desk.request(post(2))
        #expect(desk.sent == [first, free])
        #expect(!desk.sent.contains(blocked))
    }

    @Test func `a learnt bucket reaches the requests that wait behind other majors too`() {
        var desk = Desk()
        let a = desk.request(post(1))
        let b = desk.request(post(2))
        let b2 = desk.request(post(2))
        desk.answer(a, ok())
        #expect(desk.sent == [a, b], "b is still on its way, though its queue has another name now")
        desk.answer(b, ok())
        #expect(desk.sent == [a, b, b2])
    }

    @Test func `fifty requests go in a second, interaction callbacks beside them`() throws {
        var desk = Desk()
        for channel in 0..<60 { desk.request(post(channel)) }
        #expect(desk.sent.count == 50)
        let callback = desk.request(
            Route(.post, "/interactions/{}/{}/callback", "1", "t", majors: 2, countsGlobally: false))
        #expect(desk.sent.last == callback)
        #expect(desk.wakeAt == .seconds(1))
        try desk.sleep()
        #expect(desk.sent.count == 61)
    }

    @Test func `a 429 of the bucket stops that queue only, and the request keeps its place`() throws {
        var desk = Desk()
        let first = desk.request(post(1))
        let second = desk.request(post(1))
        desk.answer(first, limited(.user))
        let other = desk.request(post(2))
        #expect(desk.sent == [first, other])
        #expect(desk.finished.isEmpty)
        try desk.sleep()
        #expect(desk.now == .seconds(3))
        #expect(desk.sent == [first, other, first])
        desk.answer(first, ok())
        #expect(desk.sent == [first, other, first, second])
    }

    @Test func `a 429 with requests remaining still stops the queue`() {
        var desk = Desk()
        let first = desk.request(Route(.patch, "/channels/{}", "1", majors: 1))
        var answer = limited(.user, after: .seconds(600))
        answer.remaining = 3
        answer.resetAfter = .seconds(1)
        desk.answer(first, answer)
        #expect(desk.wakeAt == .seconds(600))
    }

    @Test func `a global 429 stops everything but interaction callbacks`() throws {
        var desk = Desk()
        desk.answer(desk.request(post(1)), limited(.global, bucket: nil))
        let other = desk.request(post(2))
        let callback = desk.request(
            Route(.post, "/interactions/{}/{}/callback", "1", "t", majors: 2, countsGlobally: false))
        #expect(desk.sent.last == callback)
        #expect(!desk.sent.contains(other))
        try desk.sleep()
        #expect(desk.sent.contains(other))
    }

    @Test func `a 429 from the network in front stops callbacks as well, also without a time`() throws {
        var desk = Desk()
        desk.answer(desk.request(post(1)), limited(.address, after: nil, bucket: nil))
        let callback = desk.request(
            Route(.post, "/interactions/{}/{}/callback", "1", "t", majors: 2, countsGlobally: false))
        #expect(!desk.sent.contains(callback))
        try desk.sleep()
        #expect(desk.now >= .seconds(5) && desk.now <= .seconds(10))
        #expect(desk.sent.contains(callback))
    }

    @Test func `a request that is limited five times is finished`() throws {
        var desk = Desk()
        let id = desk.request(post(1))
        for attempt in 1...5 {
            #expect(desk.sent.count == attempt)
            desk.answer(id, limited(.shared))
            if attempt < 5 { try desk.sleep() }
        }
        #expect(desk.finished == [id])
    }

    @Test func `server faults are tried again after growing rests, five times in all`() throws {
        var desk = Desk()
        desk.randomness.part = 0.999
        let id = desk.request(patch(1, 1))
        var rests: [Duration] = []
        for attempt in 1...5 {
            #expect(desk.sent.count == attempt)
            let before = desk.now
            desk.answer(id, RateLimitAnswer(status: 502))
            if attempt < 5 {
                try desk.sleep()
                rests.append(desk.now - before)
            }
        }
        #expect(desk.finished == [id])
        for (rest, bound) in zip(rests, [2, 4, 8, 16]) {
            #expect(rest >= .seconds(1) && rest <= .seconds(bound) && rest > .seconds(bound) * 0.9)
        }
    }

    @Test func `a request that may not be sent twice is finished after a server error or a broken connection`() {
        var desk = Desk()
        let faulty = desk.request(post(1), mayBeResent: false)
        desk.answer(faulty, RateLimitAnswer(status: 500))
        let broken = desk.request(post(1), mayBeResent: false)
        desk.complete(broken, .interrupted)
        #expect(desk.finished == [faulty, broken])
        let unsent = desk.request(post(1), mayBeResent: false)
        desk.complete(unsent, .neverSent)
        #expect(desk.finished == [faulty, broken], "what Discord has not seen can't be done twice")
    }

    @Test func `a cancelled request leaves its place to the next`() throws {
        var desk = Desk()
        let first = desk.request(post(1))
        let second = desk.request(post(1))
        let third = desk.request(post(1))
        desk.take(desk.limiter.cancelled(second, at: desk.now))
        desk.complete(first, .abandoned)
        #expect(desk.finished == [first])
        #expect(desk.sent == [first, third])
        #expect(desk.limiter.waiting == 0)
    }

    @Test func `too many refusals stop everything until ten minutes have passed`() {
        var limits = RateLimiter.Limits()
        limits.invalidRequests = 3
        var desk = Desk(limits)
        for _ in 0..<2 { desk.answer(desk.request(post(1)), RateLimitAnswer(status: 403)) }
        desk.answer(desk.request(post(1)), limited(.shared))
        let waiting = desk.request(post(1))
        let bad = desk.request(post(2))
        #expect(desk.refused.isEmpty, "a shared 429 does not count")
        desk.answer(bad, RateLimitAnswer(status: 401))
        #expect(desk.finished.contains(bad))
        guard case .tooManyInvalid(let rest) = desk.refused[waiting] else {
            Issue.record("the waiting request was not refused")
            return
        }
        #expect(rest > .seconds(590) && rest < .seconds(630))
        #expect(desk.refused[desk.request(post(9))] != nil)
        desk.now += rest + .milliseconds(1)
        let later = desk.request(post(9))
        #expect(desk.refused[later] == nil)
        #expect(desk.sent.contains(later))
    }

    @Test func `one request more than may wait is refused`() {
        var limits = RateLimiter.Limits()
        limits.waiting = 1
        var desk = Desk(limits)
        desk.request(post(1))
        desk.request(post(1))
        let third = desk.request(post(1))
        #expect(desk.refused == [third: .full])
    }
}

/// Randomness that is not: always this part of the way, since `Double.random` uses the low 53 bits.
struct Fixed: RandomNumberGenerator {
    var part: Double
    mutating func next() -> UInt64 { UInt64(part * Double(1 << 53)) }
}
