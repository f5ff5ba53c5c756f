/// All queues of requests, and which of them each request belongs to.
///
/// Discord names the bucket of a kind of request only in its answers; until then each kind is a bucket of its own.
struct RateLimitBuckets {
    struct Key: Hashable {
        enum Bucket: Hashable {
            case kind(String)
            /// As named by Discord.
            case hash(String)
        }

        var bucket: Bucket
        var major: String
    }

    private(set) var queues: [Key: RateLimitQueue] = [:]
    /// How many requests wait in all queues.
    private(set) var waitingCount = 0
    private var hashes: [String: String] = [:]
    private var keys: [RateLimiter.RequestID: Key] = [:]

    mutating func append(_ request: RateLimitQueue.Request) {
        let key = key(of: request.route)
        keys[request.id] = key
        queues[key, default: RateLimitQueue()].append(request)
        waitingCount += 1
    }

    /// Takes a waiting request out for good; returns whether there was one.
    mutating func remove(_ id: RateLimiter.RequestID) -> Bool {
        guard let key = keys[id], queues[key]?.remove(id) == true else { return false }
        keys[id] = nil
        waitingCount -= 1
        return true
    }

    /// Takes all waiting requests out for good; returns their ids in order of arrival.
    mutating func removeAllWaiting() -> [RateLimiter.RequestID] {
        var removed: [RateLimiter.RequestID] = []
        for key in Array(queues.keys) { removed += queues[key]?.removeAllWaiting().map(\.id) ?? [] }
        for id in removed { keys[id] = nil }
        waitingCount = 0
        return removed.sorted()
    }

    /// Sends the first waiting request of a queue.
    mutating func send(_ key: Key, at now: Duration) -> RateLimitQueue.Request? {
        guard let request = queues[key]?.send(at: now) else { return nil }
        waitingCount -= 1
        return request
    }

    /// A request is no longer in flight. It keeps its place in its queue until `putBack` or `forget`.
    mutating func completed(_ id: RateLimiter.RequestID) -> RateLimitQueue.Request? {
        guard let key = keys[id] else { return nil }
        return queues[key]?.completed(id)
    }

    /// A request is to be tried again, before all others of its queue.
    mutating func putBack(_ request: RateLimitQueue.Request) {
        guard let key = keys[request.id] else { return }
        queues[key, default: RateLimitQueue()].putBack(request)
        waitingCount += 1
    }

    mutating func forget(_ id: RateLimiter.RequestID) { keys[id] = nil }

    /// Blocks the queue that a request belongs to.
    mutating func block(_ id: RateLimiter.RequestID, until moment: Duration) {
        guard let key = keys[id] else { return }
        queues[key, default: RateLimitQueue()].block(until: moment)
    }

    mutating func forgetIdleQueues(at now: Duration) { queues = queues.filter { !$0.value.isForgettable(at: now) } }

    // MARK: - Learning

    /// Takes in the name and the state of a request's bucket.
    mutating func learn(_ answer: RateLimitAnswer, from request: RateLimitQueue.Request, at now: Duration) {
        if let hash = answer.bucket {
            if hashes[request.route.kind] != hash { move(request.route.kind, to: hash) }
            keys[request.id] = Key(bucket: .hash(hash), major: request.route.major)
        }
        guard let key = keys[request.id], let remaining = answer.remaining, let resetAfter = answer.resetAfter else {
            return
        }
        queues[key, default: RateLimitQueue()].limitReported(remaining: remaining, resetAt: now + resetAfter)
    }

    private func key(of route: Route) -> Key {
        Key(bucket: hashes[route.kind].map(Key.Bucket.hash) ?? .kind(route.kind), major: route.major)
    }

    /// All requests of this kind move to the queues of the bucket that it turned out to belong to.
    private mutating func move(_ kind: String, to hash: String) {
        hashes[kind] = hash
        for key in Array(queues.keys) where key.bucket != .hash(hash) {
            guard let (waiting, inFlight) = queues[key]?.takeAll(ofKind: kind), !waiting.isEmpty || !inFlight.isEmpty
            else { continue }
            let target = Key(bucket: .hash(hash), major: key.major)
            queues[target, default: RateLimitQueue()].merge(waiting: waiting, inFlight: inFlight)
            for request in waiting + inFlight { keys[request.id] = target }
        }
    }
}
