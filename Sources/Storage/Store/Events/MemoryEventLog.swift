package import Core
import Synchronization

/// An event log that keeps the newest events in memory and forgets them with the process. Nothing is written and nothing
/// is awaited: an event has its number at once.
package final class MemoryEventLog: EventLog {
    private struct State {
        var ring: [Event] = []
        /// The numbers of the newest event and of the newest one handed to `publish`.
        var last: Int64 = 0
        var published: Int64 = 0
        var isPublishing = false
    }

    package let epoch: String
    private let capacity: Int
    private let time: TimeSource
    private let publish: @Sendable ([Event]) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: how many events can be read again.
    ///   - publish: receives all events in order, one batch at a time, on the thread of a caller of `append`. It must
    ///     return at once.
    package init(
        capacity: Int, epoch: String = Cursor.newEpoch(), time: TimeSource = .system,
        publish: @escaping @Sendable ([Event]) -> Void = { _ in }
    ) {
        precondition(capacity > 0 && Cursor("\(epoch)-0") != nil)
        self.capacity = capacity
        self.epoch = epoch
        self.time = time
        self.publish = publish
    }

    package var lastNumber: Int64 { state.withLock { $0.last } }

    package var settledNumber: Int64 { lastNumber }

    package var oldestNumber: Int64 { state.withLock { $0.last - Int64($0.ring.count) + 1 } }

    package func read(after number: Int64, limit: Int) -> [Event] {
        precondition(limit > 0)
        return state.withLock { state in
            let first = max(number, state.last - Int64(state.ring.count)) + 1
            guard first <= state.last else { return [] }
            return events(from: first, through: min(state.last, first + Int64(limit) - 1), in: state)
        }
    }

    /// - Throws: `StoreError` of kind `.busy` when all that the log can hold still waits to be published.
    @discardableResult
    package func append(_ draft: EventDraft) throws -> Int64 {
        let now = time.milliseconds
        let appended: (number: Int64, publishes: Bool)? = state.withLock { state in
            guard state.last - state.published < Int64(capacity) else { return nil }
            state.last += 1
            let event = Event(draft, number: state.last, time: now)
            if state.ring.count < capacity { state.ring.append(event) } else { state.ring[slot(state.last)] = event }
            // The first caller publishes; the others' events go out with its next batch.
            defer { state.isPublishing = true }
            return (state.last, !state.isPublishing)
        }
        guard let appended else {
            throw StoreError(.busy, "Events are appended faster than they are delivered; try again in a moment.")
        }
        if appended.publishes { publishAll() }
        return appended.number
    }

    private func publishAll() {
        while true {
            let batch = state.withLock { state -> [Event] in
                guard state.published < state.last else {
                    state.isPublishing = false
                    return []
                }
                let first = state.published + 1
                state.published = min(state.last, state.published + 512)
                return events(from: first, through: state.published, in: state)
            }
            guard !batch.isEmpty else { return }
            publish(batch)
        }
    }

    private func slot(_ number: Int64) -> Int { Int((number - 1) % Int64(capacity)) }

    private func events(from first: Int64, through last: Int64, in state: borrowing State) -> [Event] {
        let (start, end) = (slot(first), slot(last))
        return start <= end
            ? Array(state.ring[start...end]) : Array(state.ring[start...]) + Array(state.ring[...end])
    }
}
