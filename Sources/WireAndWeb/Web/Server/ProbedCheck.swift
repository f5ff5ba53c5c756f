import Core
import Synchronization

/// One thing that the probes ask: asked once at a time, and answered for when it takes too long.
///
/// Everyone who asks while it's being asked gets the same answer. What goes on after its time, because it ignores its
/// cancellation, isn't asked again before it has ended, so that nothing piles up.
final class ProbedCheck: Sendable {
    private static let late = "no answer in time"

    let name: String
    private let ask: Probes.Check
    private let timeout: Duration
    private let time: TimeSource
    private let flight = SingleFlight<String, String?>()
    private let isRunning = Mutex(false)

    init(_ name: String, timeout: Duration, time: TimeSource, ask: @escaping Probes.Check) {
        self.name = name
        self.timeout = timeout
        self.time = time
        self.ask = ask
    }

    /// Returns the check's answer, or after the timeout that there is none.
    func answer() async -> String? {
        do {
            return try await flight(name) { await askOnce() }
        } catch {
            // The caller was cancelled: nobody reads its answer.
            return Self.late
        }
    }

    private func askOnce() async -> String? {
        let isFree = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isFree else { return Self.late }
        // Others may wait for this answer too, so it doesn't end with the caller that happened to ask first.
        let answer = await uncancelled { [self] in
            await time.abandoning(after: timeout) { [self] in
                let answer = await ask()
                isRunning.withLock { $0 = false }
                return answer
            }
        }
        guard let answer else { return Self.late }
        return answer
    }
}
