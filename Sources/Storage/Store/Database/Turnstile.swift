import Synchronization

/// Hands a few resources to many takers, one at a time each, first come, first served.
final class Turnstile<Resource: Sendable>: Sendable {
    private struct State {
        var free: [Resource]
        var waiting:
            [(id: Int, since: ContinuousClock.Instant, continuation: CheckedContinuation<Resource, any Error>)] =
                []
        /// Where the first of those who wait stands; what lies before it has been served.
        var head = 0
        var next = 0
        var closed = false

        mutating func takeFirst() -> CheckedContinuation<Resource, any Error>? {
            guard head < waiting.count else { return nil }
            defer {
                head += 1
                if head == waiting.count {
                    waiting.removeAll(keepingCapacity: true)
                    head = 0
                } else if head >= 256, head * 2 >= waiting.count {
                    waiting.removeFirst(head)
                    head = 0
                }
            }
            return waiting[head].continuation
        }

        mutating func remove(_ id: Int) -> CheckedContinuation<Resource, any Error>? {
            guard let index = waiting[head...].firstIndex(where: { $0.id == id }) else { return nil }
            return waiting.remove(at: index).continuation
        }
    }

    private enum Attempt {
        case taken(Resource)
        case refused(StoreError)
        case waiting
    }

    private let state: Mutex<State>
    private let waitingLimit: Int

    /// - Parameter waitingLimit: one more than these is refused at once with `.busy`.
    init(_ resources: [Resource], waitingLimit: Int) {
        state = Mutex(State(free: resources))
        self.waitingLimit = waitingLimit
    }

    /// Waits for a resource. Whoever took it gives it back with `give`, whatever happens.
    ///
    /// Stays on the caller's actor, closures included, so that callers on one actor stand in line in the order of their
    /// calls. (In a plain asynchronous function, `withTaskCancellationHandler` would leave the actor first.)
    func take(isolation: isolated (any Actor)? = #isolation) async throws -> Resource {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            _ = isolation
            return try await withCheckedThrowingContinuation { continuation in
                let attempt = state.withLock { state -> Attempt in
                    if state.closed { return .refused(Self.closed) }
                    if state.head == state.waiting.count, let resource = state.free.popLast() {
                        return .taken(resource)
                    }
                    if state.waiting.count - state.head >= waitingLimit { return .refused(Self.crowded) }
                    // Cancelled before it stood in line: the handler has looked for it in vain. A cancellation from
                    // here on finds it.
                    state.waiting.append((id, .now, continuation))
                    return .waiting
                }
                switch attempt {
                case .taken(let resource): continuation.resume(returning: resource)
                case .refused(let error): continuation.resume(throwing: error)
                case .waiting: if Task.isCancelled { cancel(id) }
                }
            }
        } onCancel: {
            cancel(id)
        }
    }

    func give(_ resource: Resource) {
        let next = state.withLock { state -> CheckedContinuation<Resource, any Error>? in
            if let next = state.takeFirst() { return next }
            state.free.append(resource)
            return nil
        }
        next?.resume(returning: resource)
    }

    /// Refuses with `.busy` those who have waited since before `time`.
    func expire(_ time: ContinuousClock.Instant) {
        let expired = state.withLock { state in
            var expired: [CheckedContinuation<Resource, any Error>] = []
            while state.head < state.waiting.count, state.waiting[state.head].since < time {
                if let continuation = state.takeFirst() { expired.append(continuation) }
            }
            return expired
        }
        for continuation in expired { continuation.resume(throwing: Self.crowded) }
    }

    /// Closes, and refuses those who wait as well.
    func refuseAll() {
        let refused = state.withLock { state in
            state.closed = true
            var refused: [CheckedContinuation<Resource, any Error>] = []
            while let continuation = state.takeFirst() { refused.append(continuation) }
            return refused
        }
        for continuation in refused { continuation.resume(throwing: Self.closed) }
    }

    /// From now on takers are refused with `.unavailable`; those who wait already are still served. True the first time.
    func close() -> Bool {
        state.withLock { state in
            defer { state.closed = true }
            return !state.closed
        }
    }

    /// Takes what `close` left: waits until all are given back.
    func drain(_ count: Int) async -> [Resource] {
        var resources: [Resource] = []
        while resources.count < count {
            let resource = try? await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Resource, any Error>) in
                let free = state.withLock { state -> Resource? in
                    if state.head == state.waiting.count, let resource = state.free.popLast() { return resource }
                    state.next += 1
                    state.waiting.append((state.next, .now, continuation))
                    return nil
                }
                if let free { continuation.resume(returning: free) }
            }
            if let resource { resources.append(resource) }
        }
        return resources
    }

    private func cancel(_ id: Int) {
        let continuation = state.withLock { $0.remove(id) }
        continuation?.resume(throwing: CancellationError())
    }

    private static var closed: StoreError { StoreError(.unavailable, "The database has been closed.") }
    private static var crowded: StoreError {
        StoreError(.busy, "Too many wait for the database; try again in a moment.")
    }
}
