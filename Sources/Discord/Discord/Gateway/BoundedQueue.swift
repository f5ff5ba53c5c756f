import Synchronization

/// What one task puts in and one takes out, in order. Putting in never waits, so that the producer can't be held up at a
/// bad moment; a well-behaved producer calls `room` first, which waits while the queue is full.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var head = 0
        var isFinished = false
        var taker: CheckedContinuation<Element?, Never>?
        var producers: [CheckedContinuation<Void, Never>] = []

        var count: Int { elements.count - head }

        mutating func removeFirst() -> Element {
            let element = elements[head]
            head += 1
            if head == elements.count || head >= 1024 {
                elements.removeFirst(head)
                head = 0
            }
            return element
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { state.withLock { $0.count } }

    func put(_ element: Element) {
        let taker = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            guard !state.isFinished else { return nil }
            if let taker = state.taker {
                state.taker = nil
                return taker
            }
            state.elements.append(element)
            return nil
        }
        taker?.resume(returning: element)
    }

    /// Returns when there is room, or when the queue is finished.
    func room() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isFinished || state.count < limit { return true }
                state.producers.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// The next element; `nil` when the queue is finished, whatever was left in it.
    func next() async -> Element? {
        await withCheckedContinuation { continuation in
            let (now, producers) = state.withLock { state -> (Element??, [CheckedContinuation<Void, Never>]) in
                if state.isFinished { return (.some(nil), []) }
                if state.count == 0 {
                    precondition(state.taker == nil, "one task takes")
                    state.taker = continuation
                    return (nil, [])
                }
                let element = state.removeFirst()
                guard state.count < limit else { return (element, []) }
                let producers = state.producers
                state.producers = []
                return (element, producers)
            }
            producers.forEach { $0.resume() }
            if let now { continuation.resume(returning: now) }
        }
    }

    func finish() {
        let (taker, producers) = state.withLock { state in
            state.isFinished = true
            defer {
                state.taker = nil
                state.producers = []
                state.elements = []
                state.head = 0
            }
            return (state.taker, state.producers)
        }
        taker?.resume(returning: nil)
        producers.forEach { $0.resume() }
    }
}
