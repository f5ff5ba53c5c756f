/// Decides when each request may be sent, so that Discord never has to refuse one, and whether one that failed is tried
/// again. See Discord's Rate Limits (topics/rate-limits).
///
/// It reads no clock: every event carries the time. There is one queue for each bucket and major parameter, with one
/// request in flight at a time; a request that is tried again keeps its place at the front, so that the order holds.
package struct RateLimiter {
    /// Identifies one request from `enqueued` to `.finish` or `.refuse`.
    package typealias RequestID = UInt64

    /// What the limiter allows.
    package struct Limits: Sendable {
        /// Requests a second over all routes together.
        package var globalPerSecond = 50
        /// Answers 401, 403 and 429 in ten minutes after which nothing more is sent; Discord bans at 10,000.
        package var invalidRequests = 3000
        /// How often one request is sent at most.
        package var tries = 5
        /// How many requests may wait; one more is refused.
        package var waiting = 10_000

        package init() {}
    }

    /// Why a request is not sent at all.
    package enum Refusal: Hashable, Sendable {
        /// Too many requests are waiting already.
        case full
        /// Discord refused so many requests that sending more would risk a ban.
        case tooManyInvalid(retryAfter: Duration)
    }

    /// What the caller must do, in order.
    package enum Action: Hashable, Sendable {
        /// Send the request; then call `completed`.
        case send(RequestID)
        /// The last answer, or failure, of this request is final.
        case finish(RequestID)
        /// The request will not be sent at all.
        case refuse(RequestID, Refusal)
        /// Call `timerFired` at that time; replaces an earlier time. `nil`: no call is needed.
        case wake(at: Duration?)
    }

    /// How one attempt to send a request ended.
    package enum Outcome: Hashable, Sendable {
        case answered(RateLimitAnswer)
        /// No connection could be made: Discord has not seen the request.
        case neverSent
        /// The connection broke: Discord may have seen the request.
        case interrupted
        /// The caller no longer waits for the answer.
        case abandoned
    }

    private let limits: Limits
    private var buckets = RateLimitBuckets()
    private var global: GlobalRateLimit
    private var invalid: InvalidRequestBudget
    private var nextID: RequestID = 0

    package init(limits: Limits = Limits()) {
        self.limits = limits
        global = GlobalRateLimit(perSecond: limits.globalPerSecond)
        invalid = InvalidRequestBudget(limit: limits.invalidRequests)
    }

    /// Requests that have not been sent yet, or wait to be sent again.
    package var waiting: Int { buckets.waitingCount }

    /// A request was made.
    package mutating func enqueued(
        _ route: Route, mayBeResent: Bool, at now: Duration
    ) -> (id: RequestID, actions: [Action]) {
        let id = nextID
        nextID += 1
        guard waiting < limits.waiting else { return (id, [.refuse(id, .full)]) }
        buckets.append(RateLimitQueue.Request(id: id, route: route, mayBeResent: mayBeResent))
        return (id, proceed(at: now))
    }

    /// The caller no longer waits for it. A request in flight still holds its queue until `completed`.
    package mutating func cancelled(_ id: RequestID, at now: Duration) -> [Action] {
        buckets.remove(id) ? proceed(at: now) : []
    }

    /// An attempt has ended. A `.finish` for the request is among the actions unless it is to be sent again.
    package mutating func completed(
        _ id: RequestID, _ outcome: Outcome, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard var request = buckets.completed(id) else { return [] }
        var again: Duration?
        switch outcome {
        case .answered(let answer):
            buckets.learn(answer, from: request, at: now)
            if answer.status == 429 {
                again = block(id, by: answer, at: now, using: &generator)
            } else if answer.status == 401 || answer.status == 403 {
                invalid.record(at: now)
            } else if answer.status >= 500, request.mayBeResent {
                again = max(
                    now + backoff(afterTry: request.tries, using: &generator), now + (answer.retryAfter ?? .zero))
            }
        case .neverSent:
            again = now + backoff(afterTry: request.tries, using: &generator)
        case .interrupted:
            if request.mayBeResent { again = now + backoff(afterTry: request.tries, using: &generator) }
        case .abandoned: break
        }
        if let again, request.tries < limits.tries {
            request.notBefore = again
            buckets.putBack(request)
            return proceed(at: now)
        }
        buckets.forget(id)
        return [.finish(id)] + proceed(at: now)
    }

    /// The time that `.wake` asked for has come.
    package mutating func timerFired(at now: Duration) -> [Action] { proceed(at: now) }

    /// Takes in a 429; returns when the request may be tried again.
    private mutating func block(
        _ id: RequestID, by answer: RateLimitAnswer, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        // Without a time in the answer: long enough to be sure.
        let until = now + (answer.retryAfter ?? .seconds(Double.random(in: 5..<10, using: &generator)))
        let scope = answer.scope ?? .user
        switch scope {
        case .global: global.block(until: until)
        case .address: global.blockAddress(until: until)
        case .user, .shared: buckets.block(id, until: until)
        }
        if scope != .shared { invalid.record(at: now) }
        return until
    }

    /// Between one second and 2, 4, 8, 16, chosen at random, so that clients don't retry in step.
    private func backoff(afterTry tries: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        .seconds(Double.random(in: 1..<Double(1 << min(max(tries, 1), 4)), using: &generator))
    }

    /// Sends what may be sent, oldest first, and asks to be woken when more may be.
    private mutating func proceed(at now: Duration) -> [Action] {
        if let until = invalid.exhaustedUntil(at: now) {
            let refusal = Refusal.tooManyInvalid(retryAfter: until - now)
            return buckets.removeAllWaiting().map { .refuse($0, refusal) } + [.wake(at: nil)]
        }
        buckets.forgetIdleQueues(at: now)
        var actions: [Action] = []
        var wake: Duration?
        let candidates = buckets.queues.compactMap { key, queue in
            queue.ready(at: now).map { (key: key, moment: $0, first: queue.waiting[0]) }
        }.sorted { $0.first.id < $1.first.id }
        for candidate in candidates {
            let moment = max(candidate.moment, global.ready(for: candidate.first.route, at: now))
            if moment > now {
                wake = min(wake ?? moment, moment)
            } else if let request = buckets.send(candidate.key, at: now) {
                global.sent(request.route, at: now)
                actions.append(.send(request.id))
            }
        }
        actions.append(.wake(at: wake))
        return actions
    }
}
