package import Core
package import FoundationEssentials
import Synchronization
import Testing

/// Time that stands still until a test moves it: the time of day and the time that passes move together.
package final class ManualTime: Sendable {
    private struct State {
        var date: Date
        var now = Duration.zero
        var sleepers: [Int: (until: Duration, wake: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }

    private let state: Mutex<State>

    /// - Parameter date: the time of day to begin with.
    package init(_ date: Date = Date(timeIntervalSince1970: 1_800_000_000)) { state = Mutex(State(date: date)) }

    /// What the code under test is given.
    package var source: TimeSource {
        TimeSource(
            date: { self.state.withLock { $0.date } }, now: { self.now },
            sleepUntil: { try await self.sleep(until: $0) })
    }

    package var now: Duration { state.withLock { $0.now } }

    package var date: Date { state.withLock { $0.date } }

    /// The moments until which somebody sleeps, soonest first.
    package var sleepers: [Duration] { state.withLock { $0.sleepers.values.map(\.until).sorted() } }

    /// Lets `duration` pass, and wakes who slept until then.
    package func advance(by duration: Duration) { advance(to: now + duration) }

    /// Lets time pass until `moment`; does nothing when it has passed already.
    package func advance(to moment: Duration) {
        let due = state.withLock { state in
            guard moment >= state.now else { return [CheckedContinuation<Void, any Error>]() }
            state.date += (moment - state.now) / .seconds(1)
            state.now = moment
            let due = state.sleepers.filter { $0.value.until <= moment }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.until < $1.until }.map(\.wake)
        }
        for wake in due { wake.resume() }
    }

    /// Sets the time of day alone, as a person or a time server does: no time passes.
    package func set(_ date: Date) { state.withLock { $0.date = date } }

    /// Returns once at least `count` tasks sleep.
    package func waitForSleepers(_ count: Int = 1) async throws {
        try await eventually("\(count) tasks sleep") { self.sleepers.count >= count }
    }

    private func sleep(until moment: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.now >= moment { return .success(()) }
                    state.sleepers[id] = (moment, continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                if state.sleepers[id] == nil { state.cancelled.insert(id) }
                return state.sleepers.removeValue(forKey: id)
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }
}
