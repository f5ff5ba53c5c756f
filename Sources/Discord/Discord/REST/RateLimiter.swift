/// Decides when each request may go out, so that Discord never has to refuse one, and what becomes of it when it fails
/// (API: Rate Limits). It reads no clock: every event says what time it is.
///
/// There is one queue for each (bucket, major parameter), with one request of it on its way at a time; a request that is
/// tried again keeps its place at the front, so that order holds. Which bucket a kind of request belongs to is learnt
/// from the answers; until then each kind is its own.
package struct RateLimiter {
    package typealias RequestID = UInt64

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

    package enum Refusal: Hashable, Sendable {
        /// Too many requests are waiting already.
        case full
        /// So many requests were refused by Discord that going on would risk a ban.
        case tooManyInvalid(retryAfter: Duration)
    }

    package enum Action: Hashable, Sendable {
        /// The request may be sent now; then comes `completed`.
        case send(RequestID)
        /// The last answer, or failure, of this request is final.
        case finish(RequestID)
        /// The request will not be sent at all.
        case refuse(RequestID, Refusal)
        /// Call `timerFired` at that time; replaces an earlier wish. `nil`: no call needed.
        case wake(at: Duration?)
    }

    package enum Outcome: Hashable, Sendable {
        case answered(RateLimitAnswer)
        /// No connection could be made: Discord has not seen the request.
        case neverSent
        /// The connection broke: Discord may have seen it.
        case interrupted
        /// Nobody waits for the answer any more.
        case abandoned
    }

    private struct Request {
        let id: RequestID
        let route: Route
        let mayBeResent: Bool
        var tries = 0
        var notBefore = Duration.zero
    }

    private enum Bucket: Hashable {
        case kind(String)
        case hash(String)
    }

    private struct Key: Hashable {
        var bucket: Bucket
        var major: String
    }

    private struct Queue {
        /// In order of arrival.
        var waiting: [Request] = []
        var onTheWay: [RequestID: Request] = [:]
        var remaining: Int?
        var resetAt = Duration.zero
        var blockedUntil = Duration.zero

        func isForgettable(at now: Duration) -> Bool {
            waiting.isEmpty && onTheWay.isEmpty && resetAt <= now && blockedUntil <= now
        }

        /// When the first waiting request may go, as far as this queue is concerned.
        func ready(at now: Duration) -> Duration? {
            guard let first = waiting.first, onTheWay.isEmpty else { return nil }
            var moment = max(first.notBefore, blockedUntil)
            if let remaining, remaining <= 0, resetAt > now { moment = max(moment, resetAt) }
            return max(moment, now)
        }
    }

    private let limits: Limits
    private var queues: [Key: Queue] = [:]
    private var hashes: [String: String] = [:]
    private var keys: [RequestID: Key] = [:]
    private var nextID: RequestID = 0
    private var waitingCount = 0
    private var sentInLastSecond: [Duration] = []
    private var globallyBlockedUntil = Duration.zero
    private var addressBlockedUntil = Duration.zero
    private var invalid: InvalidRequestBudget

    package init(limits: Limits = Limits()) {
        self.limits = limits
        invalid = InvalidRequestBudget(limit: limits.invalidRequests)
    }

    /// Requests that have not been sent yet, or wait to be sent again.
    package var waiting: Int { waitingCount }

    /// A new request takes its place.
    package mutating func enqueued(
        _ route: Route, mayBeResent: Bool, at now: Duration
    ) -> (id: RequestID, actions: [Action]) {
        let id = nextID
        nextID += 1
        guard waitingCount < limits.waiting else { return (id, [.refuse(id, .full)]) }
        let key = key(of: route)
        keys[id] = key
        queues[key, default: Queue()].waiting.append(Request(id: id, route: route, mayBeResent: mayBeResent))
        waitingCount += 1
        return (id, proceed(at: now))
    }

    /// Nobody waits for it any more. One that is on its way still holds its queue until `completed`.
    package mutating func cancelled(_ id: RequestID, at now: Duration) -> [Action] {
        guard let key = keys[id], let index = queues[key]?.waiting.firstIndex(where: { $0.id == id }) else { return [] }
        queues[key]?.waiting.remove(at: index)
        keys[id] = nil
        waitingCount -= 1
        return proceed(at: now)
    }

    /// What became of a request that was sent. A `.finish` for it is among the actions unless it is to be sent again.
    package mutating func completed(
        _ id: RequestID, _ outcome: Outcome, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard let key = keys[id], var request = queues[key]?.onTheWay.removeValue(forKey: id) else { return [] }
        var current = key
        var again: Duration?
        switch outcome {
        case .answered(let answer):
            current = learn(answer, request, key, at: now)
            if answer.status == 429 {
                again = block(answer, current, at: now, using: &generator)
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
            keys[id] = current
            queues[current, default: Queue()].waiting.insert(request, at: 0)
            waitingCount += 1
            return proceed(at: now)
        }
        keys[id] = nil
        return [.finish(id)] + proceed(at: now)
    }

    package mutating func timerFired(at now: Duration) -> [Action] { proceed(at: now) }

    // MARK: - Learning

    private func key(of route: Route) -> Key {
        Key(bucket: hashes[route.kind].map(Bucket.hash) ?? .kind(route.kind), major: route.major)
    }

    /// Takes in the bucket's name and state; returns the queue that the request belongs to.
    private mutating func learn(
        _ answer: RateLimitAnswer, _ request: Request, _ key: Key, at now: Duration
    ) -> Key {
        var current = key
        if let hash = answer.bucket {
            if hashes[request.route.kind] != hash { move(request.route.kind, to: hash) }
            current = Key(bucket: .hash(hash), major: request.route.major)
        }
        guard let remaining = answer.remaining, let resetAfter = answer.resetAfter else { return current }
        queues[current, default: Queue()].remaining = remaining
        queues[current]?.resetAt = now + resetAfter
        return current
    }

    /// All requests of this kind go to the queues of the bucket that it turned out to belong to.
    private mutating func move(_ kind: String, to hash: String) {
        hashes[kind] = hash
        for (key, queue) in queues where key.bucket != .hash(hash) {
            let waiting = queue.waiting.filter { $0.route.kind == kind }
            let onTheWay = queue.onTheWay.filter { $0.value.route.kind == kind }
            if waiting.isEmpty && onTheWay.isEmpty { continue }
            let target = Key(bucket: .hash(hash), major: key.major)
            queues[key]?.waiting.removeAll { $0.route.kind == kind }
            for id in onTheWay.keys { queues[key]?.onTheWay[id] = nil }
            queues[target, default: Queue()].waiting.append(contentsOf: waiting)
            queues[target]?.waiting.sort { $0.id < $1.id }
            queues[target]?.onTheWay.merge(onTheWay) { $1 }
            for id in waiting.map(\.id) + onTheWay.keys { keys[id] = target }
        }
    }

    /// Takes in a 429; returns when the request may be tried again.
    private mutating func block(
        _ answer: RateLimitAnswer, _ key: Key, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        // No word of when: long enough to be sure.
        let until = now + (answer.retryAfter ?? .seconds(Double.random(in: 5..<10, using: &generator)))
        switch answer.scope ?? .user {
        case .global:
            globallyBlockedUntil = max(globallyBlockedUntil, until)
            invalid.record(at: now)
        case .address:
            addressBlockedUntil = max(addressBlockedUntil, until)
            invalid.record(at: now)
        case .user:
            queues[key, default: Queue()].blockedUntil = until
            invalid.record(at: now)
        case .shared:
            queues[key, default: Queue()].blockedUntil = until
        }
        return until
    }

    /// Between one second and 2, 4, 8, 16: at least a second of rest, at most sixteen, never in step with others.
    private func backoff(afterTry tries: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        .seconds(Double.random(in: 1..<Double(1 << min(max(tries, 1), 4)), using: &generator))
    }

    // MARK: - Letting go

    /// Sends what may be sent, oldest first, and says when to look again.
    private mutating func proceed(at now: Duration) -> [Action] {
        if let until = invalid.exhaustedUntil(at: now) { return refuseAll(.tooManyInvalid(retryAfter: until - now)) }
        queues = queues.filter { !$0.value.isForgettable(at: now) }
        sentInLastSecond.removeAll { $0 + .seconds(1) <= now }
        var actions: [Action] = []
        var wake: Duration?
        let candidates = queues.compactMap { key, queue in
            queue.ready(at: now).map { (key: key, moment: $0, first: queue.waiting[0]) }
        }.sorted { $0.first.id < $1.first.id }
        for candidate in candidates {
            var moment = max(candidate.moment, addressBlockedUntil)
            if candidate.first.route.countsGlobally {
                moment = max(moment, globallyBlockedUntil)
                if sentInLastSecond.count >= limits.globalPerSecond {
                    moment = max(
                        moment, sentInLastSecond[sentInLastSecond.count - limits.globalPerSecond] + .seconds(1))
                }
            }
            if moment > now {
                wake = min(wake ?? moment, moment)
            } else {
                send(candidate.key, at: now)
                actions.append(.send(candidate.first.id))
            }
        }
        actions.append(.wake(at: wake))
        return actions
    }

    private mutating func send(_ key: Key, at now: Duration) {
        guard var queue = queues[key] else { return }
        var request = queue.waiting.removeFirst()
        request.tries += 1
        if queue.resetAt <= now { queue.remaining = nil }
        if let remaining = queue.remaining { queue.remaining = remaining - 1 }
        queue.onTheWay[request.id] = request
        queues[key] = queue
        waitingCount -= 1
        if request.route.countsGlobally { sentInLastSecond.append(now) }
    }

    private mutating func refuseAll(_ refusal: Refusal) -> [Action] {
        var refused: [RequestID] = []
        for key in Array(queues.keys) {
            refused += queues[key]?.waiting.map(\.id) ?? []
            queues[key]?.waiting = []
        }
        for id in refused { keys[id] = nil }
        waitingCount = 0
        return refused.sorted().map { .refuse($0, refusal) } + [.wake(at: nil)]
    }
}
