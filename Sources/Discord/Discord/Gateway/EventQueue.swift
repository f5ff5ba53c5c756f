import Synchronization

/// The events that wait for the gateway's handler, in the order of an `EventSchedule`. One task takes.
final class EventQueue: Sendable {
    private struct State {
        var schedule = EventSchedule()
        var isFinished = false
        var taker: CheckedContinuation<GatewayDelivery?, Never>?
        var producers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: while as many wait, `room` doesn't return.
    init(limit: Int) { self.limit = limit }

    /// How many wait.
    var count: Int { state.withLock { $0.schedule.count } }

    /// Adds an event, whether or not there is room: call `room` before reading more.
    func put(_ delivery: GatewayDelivery) {
        let (taker, next) = state.withLock {
            state -> (CheckedContinuation<GatewayDelivery?, Never>?, GatewayDelivery?) in
            guard !state.isFinished else { return (nil, nil) }
            state.schedule.add(delivery)
            return state.taker.take().map { ($0, state.schedule.next()) } ?? (nil, nil)
        }
        taker?.resume(returning: next)
    }

    /// Returns when there is room, or when the queue is finished.
    func room() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isFinished || state.schedule.count < limit { return true }
                state.producers.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// What is to be handled next; `nil` when the queue is finished, whatever was left in it.
    func next() async -> GatewayDelivery? {
        await withCheckedContinuation { continuation in
            let (now, producers) = state.withLock { state -> (GatewayDelivery??, [CheckedContinuation<Void, Never>]) in
                if state.isFinished { return (.some(nil), []) }
                guard let next = state.schedule.next() else {
                    precondition(state.taker == nil, "one task takes")
                    state.taker = continuation
                    return (nil, [])
                }
                guard state.schedule.count < limit else { return (next, []) }
                defer { state.producers = [] }
                return (next, state.producers)
            }
            producers.forEach { $0.resume() }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// Discards what is left and resumes all waiters.
    func finish() {
        let (taker, producers) = state.withLock { state in
            defer { state = State(isFinished: true) }
            return (state.taker, state.producers)
        }
        taker?.resume(returning: nil)
        producers.forEach { $0.resume() }
    }
}
