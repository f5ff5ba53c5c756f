import Core
import Synchronization

/// Lends a few resources to many takers, to one at a time each, first come, first served.
///
/// Takers wait in a queue that is bounded: one more than may wait is refused at once.
final class Pool<Resource: Sendable>: Sendable {
    private typealias Waiting = (id: Int, since: Duration, continuation: CheckedContinuation<Resource, any Error>)

    private struct State {
        var free: [Resource]
        var waiting = Deque<Waiting>()
        var next = 0
        var isClosed = false

        mutating func nextID() -> Int {
            next += 1
            return next
        }

        /// A free resource, unless others wait for one.
        mutating func takeFree() -> Resource? { waiting.isEmpty ? free.popLast() : nil }
    }

    private enum Attempt {
        case taken(Resource)
        case refused(StoreError)
        case waiting
    }

    private let state: Mutex<State>
    private let waitingLimit: Int
    private let time: TimeSource

    /// - Parameter waitingLimit: one more than these is refused at once with `.busy`.
    init(_ resources: [Resource], waitingLimit: Int, time: TimeSource = .system) {
        state = Mutex(State(free: resources))
        self.waitingLimit = waitingLimit
        self.time = time
    }

    /// Waits for a resource. Whoever took it returns it with `give`, whatever happens.
    ///
    /// Stays on the caller's actor, closures included, so that callers on one actor queue in the order of their calls. (In
    /// a plain asynchronous function, `withTaskCancellationHandler` would leave the actor first.)
    /// - Throws: `StoreError` of kind `.busy` when too many wait, or for too long, `.unavailable` once the pool is closed;
    ///   `CancellationError`.
    func take(isolation: isolated (any Actor)? = #isolation) async throws -> Resource {
        try Task.checkCancellation()
        let id = state.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            _ = isolation
            return try await withCheckedThrowingContinuation { continuation in
                let attempt = state.withLock { state -> Attempt in
                    if state.isClosed { return .refused(Self.closed) }
                    if let resource = state.takeFree() { return .taken(resource) }
                    if state.waiting.count >= waitingLimit { return .refused(StoreError.crowded) }
                    // Cancelled before it queued: the handler has looked for it in vain. A cancellation from here on
                    // finds it.
                    state.waiting.append((id, time.now, continuation))
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

    /// Whether a resource is neither lent nor on its way to a taker.
    var hasFree: Bool { state.withLock { !$0.free.isEmpty } }

    /// Returns a resource that was taken; the taker that has waited longest gets it.
    func give(_ resource: Resource) {
        let next = state.withLock { state -> Waiting? in
            if let next = state.waiting.popFirst() { return next }
            state.free.append(resource)
            return nil
        }
        next?.continuation.resume(returning: resource)
    }

    /// Refuses with `.busy` the takers that have waited for longer than `limit`.
    func refuse(waitingLongerThan limit: Duration) {
        let since = time.now - limit
        let expired = state.withLock { state in
            var expired: [Waiting] = []
            while let first = state.waiting.first, first.since < since {
                expired.append(first)
                _ = state.waiting.popFirst()
            }
            return expired
        }
        for waiting in expired { waiting.continuation.resume(throwing: StoreError.crowded) }
    }

    /// Closes, and refuses the takers that wait as well.
    func refuseAll() {
        let refused = state.withLock { state in
            state.isClosed = true
            return state.waiting.removeAll()
        }
        for waiting in refused { waiting.continuation.resume(throwing: Self.closed) }
    }

    /// From now on takers are refused with `.unavailable`; those that wait already are still served. Returns true the
    /// first time.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    /// Takes what `close` left: waits until all are returned.
    func drain(_ count: Int) async -> [Resource] {
        var resources: [Resource] = []
        while resources.count < count {
            let resource = try? await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Resource, any Error>) in
                let free = state.withLock { state -> Resource? in
                    if let resource = state.takeFree() { return resource }
                    state.waiting.append((state.nextID(), time.now, continuation))
                    return nil
                }
                if let free { continuation.resume(returning: free) }
            }
            if let resource { resources.append(resource) }
        }
        return resources
    }

    private func cancel(_ id: Int) {
        let cancelled = state.withLock { state -> Waiting? in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        cancelled?.continuation.resume(throwing: CancellationError())
    }

    private static var closed: StoreError { StoreError(.unavailable, "The database has been closed.") }
}
