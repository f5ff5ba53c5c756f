/// The requests that share one of Discord's limits: those of one bucket and one major parameter.
///
/// One of them is in flight at a time. Two kinds of requests that turn out to share a bucket may briefly have one each.
struct RateLimitQueue {
    struct Request {
        let id: RateLimiter.RequestID
        let route: Route
        let mayBeResent: Bool
        var tries = 0
        /// When it may be tried again.
        var notBefore = Duration.zero
    }

    /// In order of arrival, those that go first before the others; a request that is tried again keeps its place at the front.
    private(set) var waiting: [Request] = []
    private var inFlight: [RateLimiter.RequestID: Request] = [:]
    private var remaining: Int?
    private var resetAt = Duration.zero
    private var blockedUntil = Duration.zero

    /// Whether nothing would be lost by forgetting the queue.
    func isForgettable(at now: Duration) -> Bool {
        waiting.isEmpty && inFlight.isEmpty && resetAt <= now && blockedUntil <= now
    }

    /// When the first waiting request may be sent, as far as this queue is concerned; `nil` while none may.
    func ready(at now: Duration) -> Duration? {
        guard let first = waiting.first, inFlight.isEmpty else { return nil }
        var moment = max(first.notBefore, blockedUntil)
        if let remaining, remaining <= 0, resetAt > now { moment = max(moment, resetAt) }
        return max(moment, now)
    }

    mutating func append(_ request: Request) {
        let overtaken = waiting.firstIndex { request.route.goesFirst && !$0.route.goesFirst && $0.tries == 0 }
        waiting.insert(request, at: overtaken ?? waiting.endIndex)
    }

    mutating func putBack(_ request: Request) { waiting.insert(request, at: 0) }

    /// Takes a waiting request out; returns whether there was one.
    mutating func remove(_ id: RateLimiter.RequestID) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    mutating func removeAllWaiting() -> [Request] {
        defer { waiting = [] }
        return waiting
    }

    /// The first waiting request is sent: it is in flight from now on, and uses up one of what remains.
    mutating func send(at now: Duration) -> Request {
        var request = waiting.removeFirst()
        request.tries += 1
        if resetAt <= now { remaining = nil }
        if let remaining { self.remaining = remaining - 1 }
        inFlight[request.id] = request
        return request
    }

    /// A request is no longer in flight.
    mutating func completed(_ id: RateLimiter.RequestID) -> Request? { inFlight.removeValue(forKey: id) }

    /// Discord reported how much of the limit is left.
    mutating func limitReported(remaining: Int, resetAt: Duration) {
        self.remaining = remaining
        self.resetAt = resetAt
    }

    mutating func block(until moment: Duration) { blockedUntil = moment }

    /// Takes out all requests of one kind, waiting and in flight.
    mutating func takeAll(ofKind kind: String) -> (waiting: [Request], inFlight: [Request]) {
        let taken = (
            waiting: waiting.filter { $0.route.kind == kind },
            inFlight: inFlight.values.filter { $0.route.kind == kind }
        )
        waiting.removeAll { $0.route.kind == kind }
        for request in taken.inFlight { inFlight[request.id] = nil }
        return taken
    }

    /// Takes in requests that have turned out to share this limit, in order of arrival.
    mutating func merge(waiting others: [Request], inFlight sent: [Request]) {
        waiting.append(contentsOf: others)
        waiting.sort { ($0.route.goesFirst ? 0 : 1, $0.id) < ($1.route.goesFirst ? 0 : 1, $1.id) }
        for request in sent { inFlight[request.id] = request }
    }
}
