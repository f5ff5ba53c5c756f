import Core
import Synchronization

/// Lets callers whose locks exclude each other follow one another before they take a connection, first come, first served, so
/// that those who wait for one busy thing leave the connections to the others.
final class KeyedQueues: Sendable {
    private struct Waiting {
        let id: Int
        let isShared: Bool
        let since: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// Who holds one key, and who waits for it.
    private struct Queue {
        var sharers = 0
        var isExclusive = false
        var waiting = Deque<Waiting>()

        var isUnused: Bool { sharers == 0 && !isExclusive && waiting.isEmpty }

        /// Takes the key unless somebody holds it who excludes that.
        mutating func admit(_ isShared: Bool) -> Bool {
            guard !isExclusive, isShared || sharers == 0 else { return false }
            if isShared { sharers += 1 } else { isExclusive = true }
            return true
        }

        mutating func leave(_ isShared: Bool) { if isShared { sharers -= 1 } else { isExclusive = false } }

        /// Those who have waited longest, as far as they may have the key now.
        mutating func admitted() -> [Waiting] {
            var admitted: [Waiting] = []
            while let first = waiting.first, admit(first.isShared) {
                admitted.append(first)
                _ = waiting.popFirst()
            }
            return admitted
        }
    }

    private struct State {
        var queues: [Int64: Queue] = [:]
        var next = 0

        /// Takes the locks from this one on, up to the first that is to be waited for, and returns its place.
        mutating func take(_ locks: [Lock], from start: Int) -> Int {
            for index in start..<locks.count where !take(locks[index]) { return index }
            return locks.count
        }

        mutating func take(_ lock: Lock) -> Bool {
            var queue = queues[lock.key] ?? Queue()
            guard queue.waiting.isEmpty, queue.admit(lock.isShared) else { return false }
            queues[lock.key] = queue
            return true
        }

        /// Returns those who need not wait any longer after the change.
        mutating func change(_ key: Int64, _ change: (inout Queue) -> Void) -> [Waiting] {
            guard queues[key] != nil else { return [] }
            change(&queues[key, default: Queue()])
            defer { if queues[key]?.isUnused == true { queues[key] = nil } }
            return queues[key, default: Queue()].admitted()
        }
    }

    private let state = Mutex(State())
    private let waitingLimit: Int
    private let time: TimeSource

    /// - Parameter waitingLimit: for one key; one more than these is refused at once with `.busy`.
    init(waitingLimit: Int, time: TimeSource) {
        self.waitingLimit = waitingLimit
        self.time = time
    }

    /// Runs `body` once it holds each of `locks`, which every caller names in the same order.
    /// - Throws: what `body` throws; `StoreError` of kind `.busy` when too many wait, or for too long; `CancellationError`.
    func holding<R: Sendable>(
        _ locks: [Lock], isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async throws -> R {
        var held = 0
        defer { for lock in locks[..<held].reversed() { leave(lock) } }
        while true {
            held = state.withLock { $0.take(locks, from: held) }
            guard held < locks.count else { break }
            try await wait(for: locks[held])
            held += 1
        }
        return try await body()
    }

    /// Refuses with `.busy` the callers that have waited for longer than `limit`.
    func refuse(waitingLongerThan limit: Duration) {
        let since = time.now - limit
        let (expired, admitted) = state.withLock { state in
            var (expired, admitted): ([Waiting], [Waiting]) = ([], [])
            let late = state.queues.filter { $0.value.waiting.first.map { $0.since < since } == true }.map(\.key)
            for key in late {
                admitted += state.change(key) { queue in
                    while let first = queue.waiting.first, first.since < since {
                        expired.append(first)
                        _ = queue.waiting.popFirst()
                    }
                }
            }
            return (expired, admitted)
        }
        for waiting in expired { waiting.continuation.resume(throwing: StoreError.crowded) }
        resume(admitted)
    }

    /// Stays on the caller's actor, as `Pool.take` does, so that callers on one actor queue in the order of their calls.
    private func wait(for lock: Lock, isolation: isolated (any Actor)? = #isolation) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            _ = isolation
            try await withCheckedThrowingContinuation { continuation in
                let isTaken: Bool? = state.withLock { state in
                    if state.take(lock) { return true }
                    guard let queue = state.queues[lock.key], queue.waiting.count < waitingLimit else { return nil }
                    state.queues[lock.key]?.waiting.append(
                        Waiting(id: id, isShared: lock.isShared, since: time.now, continuation: continuation))
                    return false
                }
                switch isTaken {
                case nil: continuation.resume(throwing: StoreError.crowded)
                case true?: continuation.resume()
                // A cancellation before it queued has looked for it in vain.
                case false?: if Task.isCancelled { cancel(id, lock.key) }
                }
            }
        } onCancel: {
            cancel(id, lock.key)
        }
    }

    private func cancel(_ id: Int, _ key: Int64) {
        var cancelled: Waiting?
        let admitted = state.withLock { state in
            state.change(key) { queue in
                cancelled = queue.waiting.firstIndex { $0.id == id }.map { queue.waiting.remove(at: $0) }
            }
        }
        cancelled?.continuation.resume(throwing: CancellationError())
        resume(admitted)
    }

    private func leave(_ lock: Lock) {
        resume(state.withLock { state in state.change(lock.key) { $0.leave(lock.isShared) } })
    }

    private func resume(_ admitted: [Waiting]) { for waiting in admitted { waiting.continuation.resume() } }
}
