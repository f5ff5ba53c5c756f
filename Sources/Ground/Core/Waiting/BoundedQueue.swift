import Synchronization

/// A bounded queue with one consumer. `put` never waits, so that the producer can't be held up at a bad moment; a well-behaved
/// producer calls `room` first, which waits while the queue is full. Neither `room` nor `next` ends with its task: `finish` does.
package final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements = Deque<Element>()
        var isFinished = false
        var taker: CheckedContinuation<Element?, Never>?
        var producers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many elements may wait before `room` does.
    package init(limit: Int) { self.limit = limit }

    /// How many elements wait to be taken.
    package var count: Int { state.withLock { $0.elements.count } }

    /// Adds an element; never waits, whatever the limit. Ignored once the queue is finished.
    package func put(_ element: Element) { _ = add(element, limit: .max) }

    /// Adds an element if there is room for it; returns whether it was added, which it isn't once the queue is finished.
    package func offer(_ element: Element) -> Bool { add(element, limit: limit) }

    private func add(_ element: Element, limit: Int) -> Bool {
        let (isAdded, taker) = state.withLock { state -> (Bool, CheckedContinuation<Element?, Never>?) in
            guard !state.isFinished, state.elements.count < limit else { return (false, nil) }
            if let taker = state.taker {
                state.taker = nil
                return (true, taker)
            }
            state.elements.append(element)
            return (true, nil)
        }
        taker?.resume(returning: element)
        return isAdded
    }

    /// Returns when there is room, or when the queue is finished.
    package func room() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isFinished || state.elements.count < limit { return true }
                state.producers.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// The next element; `nil` when the queue is finished, whatever was left in it.
    package func next() async -> Element? {
        await withCheckedContinuation { continuation in
            let (now, producers) = state.withLock { state -> (Element??, [CheckedContinuation<Void, Never>]) in
                if state.isFinished { return (.some(nil), []) }
                guard let element = state.elements.popFirst() else {
                    precondition(state.taker == nil, "one task takes")
                    state.taker = continuation
                    return (nil, [])
                }
                guard state.elements.count < limit else { return (element, []) }
                let producers = state.producers
                state.producers = []
                return (element, producers)
            }
            producers.forEach { $0.resume() }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// Discards the remaining elements and resumes all waiters.
    package func finish() {
        let (taker, producers) = state.withLock { state in
            state.isFinished = true
            defer {
                state.taker = nil
                state.producers = []
                state.elements = Deque()
            }
            return (state.taker, state.producers)
        }
        taker?.resume(returning: nil)
        producers.forEach { $0.resume() }
    }
}
