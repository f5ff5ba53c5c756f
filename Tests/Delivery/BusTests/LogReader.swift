import Store
import Synchronization

/// Follows a log as a hub does: takes events in the order of their numbers, and reads the log where the bus left a gap or
/// said that it may have.
final class LogReader: Sendable {
    private struct State {
        var numbers: [Int64] = []
        var emptyBatches = 0
    }

    private let state = Mutex(State())
    private let log: MemoryEventLog

    init(_ log: MemoryEventLog) { self.log = log }

    var numbers: [Int64] { state.withLock { $0.numbers } }
    var last: Int64 { state.withLock { $0.numbers.last ?? 0 } }
    var emptyBatches: Int { state.withLock { $0.emptyBatches } }

    func receive(_ events: [Event]) {
        state.withLock { state in
            if events.isEmpty { state.emptyBatches += 1 }
            for event in events where event.number == (state.numbers.last ?? 0) + 1 {
                state.numbers.append(event.number)
            }
            let last = state.numbers.last ?? 0
            if events.isEmpty || events.contains(where: { $0.number > last }) {
                state.numbers += log.read(after: last, limit: 10_000).map(\.number)
            }
        }
    }
}
