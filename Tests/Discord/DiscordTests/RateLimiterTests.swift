import Discord
import Testing

/// Drives a limiter as its shell would, with time that stands still until it is moved.
private struct Requests {
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

struct RateLimiterTests {
    @Test func `requests of one queue go one after another, others at once`() {
        var requests = Requests()
        let first = requests.request(post(1))
        let second = requests.request(post(1))
        let other = requests.request(post(2))
        #expect(requests.sent == [first, other])
        requests.answer(first, ok())
        #expect(requests.sent == [first, other, second])
        #expect(requests.finished == [first])
    }

    @Test func `what goes first overtakes what waits for its first turn, and nothing else`() throws {
        var requests = Requests()
        let (code, refresh) = (Route(.post, "/oauth2/token"), Route(.post, "/oauth2/token", goesFirst: true))
        let first = requests.request(code)
        let codes = [requests.request(code), requests.request(code)]
        var refreshes = [requests.request(refresh)]
        requests.complete(first, .neverSent)
        refreshes.append(requests.request(refresh))
        try requests.sleep()
        #expect(requests.sent == [first, first], "one that is tried again keeps its place")
        for id in [first] + refreshes + codes { requests.answer(id, ok()) }
        #expect(requests.sent == [first, first] + refreshes + codes)
    }

    @Test func `an empty bucket waits for its reset, and not for the time of day`() throws {
        var requests = Requests()
        let first = requests.request(post(1))
        let second = requests.request(post(1))
        requests.now = .seconds(100)
        requests.answer(first, ok(remaining: 0, resetAfter: .milliseconds(1500)))
        #expect(requests.sent == [first])
        #expect(requests.wakeAt == .milliseconds(101_500))
        try requests.sleep()
        #expect(requests.sent == [first, second])
    }

    @Test func `kinds of requests that turn out to share a bucket share a queue, in order of arrival`() {
        var requests = Requests()
        let create = requests.request(post(1))
        let edit = requests.request(patch(1, 7))
        let edit2 = requests.request(patch(1, 8))
        let create2 = requests.request(post(1))
        #expect(requests.sent == [create, edit])
        requests.answer(create, ok("shared"))
        #expect(requests.sent == [create, edit, create2])
        requests.answer(edit, ok("shared"))
        // create2 is on its way, and the queue is one now.
        #expect(requests.sent == [create, edit, create2])
        requests.answer(create2, ok("shared"))
        #expect(requests.sent == [create, edit, create2, edit2])
    }

    @Test func `one bucket has a queue for each major parameter`() {
        var requests = Requests()
        let first = requests.request(post(1))
        requests.answer(first, ok(remaining: 0, resetAfter: .seconds(60)))
        let blocked = requests.request(post(1))
        let free = requests.request(post(2))
        #expect(requests.sent == [first, free])
        #expect(!requests.sent.contains(blocked))
    }

    @Test func `a learnt bucket reaches the requests that wait behind other majors too`() {
        var requests = Requests()
        let a = requests.request(post(1))
        let b = requests.request(post(2))
        let b2 = requests.request(post(2))
        requests.answer(a, ok())
        #expect(requests.sent == [a, b], "b is still on its way, though its queue has another name now")
        requests.answer(b, ok())
        #expect(requests.sent == [a, b, b2])
    }

    @Test func `fifty requests go in a second, interaction callbacks beside them`() throws {
        var requests = Requests()
        for channel in 0..<60 { requests.request(post(channel)) }
        #expect(requests.sent.count == 50)
        let callback = requests.request(
            Route(.post, "/interactions/{}/{}/callback", "1", "t", majors: 2, countsGlobally: false))
        #expect(requests.sent.last == callback)
        #expect(requests.wakeAt == .seconds(1))
        try requests.sleep()
        #expect(requests.sent.count == 61)
    }

    @Test func `a 429 of the bucket stops that queue only, and the request keeps its place`() throws {
        var requests = Requests()
        let first = requests.request(post(1))
        let second = requests.request(post(1))
        requests.answer(first, limited(.user))
        let other = requests.request(post(2))
        #expect(requests.sent == [first, other])
        #expect(requests.finished.isEmpty)
        try requests.sleep()
        #expect(requests.now == .seconds(3))
        #expect(requests.sent == [first, other, first])
        requests.answer(first, ok())
        #expect(requests.sent == [first, other, first, second])
    }

    @Test func `a 429 with requests remaining still stops the queue`() {
        var requests = Requests()
        let first = requests.request(Route(.patch, "/channels/{}", "1", majors: 1))
        var answer = limited(.user, after: .seconds(600))
        answer.remaining = 3
        answer.resetAfter = .seconds(1)
        requests.answer(first, answer)
        #expect(requests.wakeAt == .seconds(600))
    }

    @Test func `a global 429 stops everything but interaction callbacks`() throws {
        var requests = Requests()
        requests.answer(requests.request(post(1)), limited(.global, bucket: nil))
        let other = requests.request(post(2))
        let callback = requests.request(
            Route(.post, "/interactions/{}/{}/callback", "1", "t", majors: 2, countsGlobally: false))
        #expect(requests.sent.last == callback)
        #expect(!requests.sent.contains(other))
        try requests.sleep()
        #expect(requests.sent.contains(other))
    }

    @Test func `a 429 from the network in front stops callbacks as well, also without a time`() throws {
        var requests = Requests()
        requests.answer(requests.request(post(1)), limited(.address, after: nil, bucket: nil))
        let callback = requests.request(
            Route(.post, "/interactions/{}/{}/callback", "1", "t", majors: 2, countsGlobally: false))
        #expect(!requests.sent.contains(callback))
        try requests.sleep()
        #expect(requests.now >= .seconds(5) && requests.now <= .seconds(10))
        #expect(requests.sent.contains(callback))
    }

    @Test func `a request that is limited five times is finished`() throws {
        var requests = Requests()
        let id = requests.request(post(1))
        for attempt in 1...5 {
            #expect(requests.sent.count == attempt)
            requests.answer(id, limited(.shared))
            if attempt < 5 { try requests.sleep() }
        }
        #expect(requests.finished == [id])
    }

    @Test func `server faults are tried again after growing rests, five times in all`() throws {
        var requests = Requests()
        requests.randomness.part = 0.999
        let id = requests.request(patch(1, 1))
        var rests: [Duration] = []
        for attempt in 1...5 {
            #expect(requests.sent.count == attempt)
            let before = requests.now
            requests.answer(id, RateLimitAnswer(status: 502))
            if attempt < 5 {
                try requests.sleep()
                rests.append(requests.now - before)
            }
        }
        #expect(requests.finished == [id])
        for (rest, bound) in zip(rests, [2, 4, 8, 16]) {
            #expect(rest >= .seconds(1) && rest <= .seconds(bound) && rest > .seconds(bound) * 0.9)
        }
    }

    @Test func `a request that may not be sent twice is finished after a server error or a broken connection`() {
        var requests = Requests()
        let faulty = requests.request(post(1), mayBeResent: false)
        requests.answer(faulty, RateLimitAnswer(status: 500))
        let broken = requests.request(post(1), mayBeResent: false)
        requests.complete(broken, .interrupted)
        #expect(requests.finished == [faulty, broken])
        let unsent = requests.request(post(1), mayBeResent: false)
        requests.complete(unsent, .neverSent)
        #expect(requests.finished == [faulty, broken], "what Discord has not seen can't be done twice")
    }

    @Test func `a cancelled request leaves its place to the next`() throws {
        var requests = Requests()
        let first = requests.request(post(1))
        let second = requests.request(post(1))
        let third = requests.request(post(1))
        requests.take(requests.limiter.cancelled(second, at: requests.now))
        requests.complete(first, .abandoned)
        #expect(requests.finished == [first])
        #expect(requests.sent == [first, third])
        #expect(requests.limiter.waiting == 0)
    }

    @Test func `too many refusals stop everything until ten minutes have passed`() {
        var limits = RateLimiter.Limits()
        limits.invalidRequests = 3
        var requests = Requests(limits)
        for _ in 0..<2 { requests.answer(requests.request(post(1)), RateLimitAnswer(status: 403)) }
        requests.answer(requests.request(post(1)), limited(.shared))
        let waiting = requests.request(post(1))
        let bad = requests.request(post(2))
        #expect(requests.refused.isEmpty, "a shared 429 does not count")
        requests.answer(bad, RateLimitAnswer(status: 401))
        #expect(requests.finished.contains(bad))
        guard case .tooManyInvalid(let rest) = requests.refused[waiting] else {
            Issue.record("the waiting request was not refused")
            return
        }
        #expect(rest > .seconds(590) && rest < .seconds(630))
        #expect(requests.refused[requests.request(post(9))] != nil)
        requests.now += rest + .milliseconds(1)
        let later = requests.request(post(9))
        #expect(requests.refused[later] == nil)
        #expect(requests.sent.contains(later))
    }

    @Test func `one request more than may wait is refused`() {
        var limits = RateLimiter.Limits()
        limits.waiting = 1
        var requests = Requests(limits)
        requests.request(post(1))
        requests.request(post(1))
        let third = requests.request(post(1))
        #expect(requests.refused == [third: .full])
    }
}

/// Randomness that is not: always this part of the way, since `Double.random` uses the low 53 bits.
struct Fixed: RandomNumberGenerator {
    var part: Double
    mutating func next() -> UInt64 { UInt64(part * Double(1 << 53)) }
}
