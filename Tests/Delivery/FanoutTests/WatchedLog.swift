import Store
import Synchronization

/// A log that counts how often it's read, and in which something may happen at that moment.
final class WatchedLog: EventLog {
    private struct State {
        var reads = 0
        var isAvailable = true
        var happening: (@Sendable () throws -> Void)?
        var held: Int64?
        var isHolding = false
    }

    let events: MemoryEventLog
    private let state = Mutex(State())

    init(_ events: MemoryEventLog) { self.events = events }

    var epoch: String { events.epoch }
    var lastNumber: Int64 {
        get async throws {
            try checkAvailable()
            return events.lastNumber
        }
    }
    var settledNumber: Int64 { get async throws { events.lastNumber } }
    var oldestNumber: Int64 { get async throws { events.oldestNumber } }
    var reads: Int { state.withLock { $0.reads } }

    /// Once, when events are to be read next.
    func beforeNextRead(_ happening: @escaping @Sendable () throws -> Void) {
        state.withLock { $0.happening = happening }
    }

    func setAvailable(_ isAvailable: Bool) { state.withLock { $0.isAvailable = isAvailable } }

    private func checkAvailable() throws {
        guard state.withLock({ $0.isAvailable }) else { throw TestPolicy.Unavailable() }
    }

    /// Whether a reader is being kept waiting.
    var isHolding: Bool { state.withLock { $0.isHolding } }

    /// Keeps those waiting who read after this number, until it's another; nil: nobody.
    func hold(after number: Int64?) { state.withLock { $0.held = number } }

    private func waitWhileHeld(_ number: Int64) async throws {
        while state.withLock({ state in
            state.isHolding = state.held == number
            return state.isHolding
        }) { try await Task.sleep(for: .milliseconds(2)) }
    }

    func read(after number: Int64, limit: Int) async throws -> [Event] {
        try checkAvailable()
        try await waitWhileHeld(number)
        let happening = state.withLock { state in
            state.reads += 1
            return state.happening.take()
        }
        try happening?()
        return events.read(after: number, limit: limit)
    }

    func append(_ draft: EventDraft) async throws -> Int64 { try events.append(draft) }
}
