import Synchronization

/// One thing that the probes ask: asked once at a time, and answered for when it takes too long.
///
/// Whoever asks while it's being asked waits for the same answer. What goes on after its time, because it doesn't heed its
/// cancellation, isn't asked again before it has ended, so that nothing piles up.
final class ProbedCheck: Sendable {
    private enum Phase {
        case resting
        case asking([CheckedContinuation<String?, Never>])
        /// Its time is over, but it goes on.
        case overdue
    }

    private struct State {
        var phase = Phase.resting
        /// How often it was asked, for a timer that comes too late.
        var turn = 0
        var asking: Task<Void, Never>?
    }

    let name: String
    private let ask: Probes.Check
    private let timeout: Duration
    private let state = Mutex(State())

    init(_ name: String, timeout: Duration, ask: @escaping Probes.Check) {
        self.name = name
        self.timeout = timeout
        self.ask = ask
    }

    /// What the check says, or within the timeout that it said nothing.
    func answer() async -> String? {
        await withCheckedContinuation { continuation in
            let isOverdue = state.withLock { state in
                switch state.phase {
                case .resting:
                    state.phase = .asking([continuation])
                    begin(&state)
                case .asking(let waiting): state.phase = .asking(waiting + [continuation])
                case .overdue: return true
                }
                return false
            }
            if isOverdue { continuation.resume(returning: Self.late) }
        }
    }

    private static let late = "no answer in time"

    /// In tasks of their own, since a group would wait for a check that doesn't end.
    private func begin(_ state: inout State) {
        state.turn += 1
        let limit = Task { [timeout, turn = state.turn] in
            try await Task.sleep(for: timeout)
            end(Self.late, .overdue, turn)?.cancel()
        }
        state.asking = Task { [turn = state.turn] in
            let words = await ask()
            limit.cancel()
            _ = end(words, .resting, turn)
        }
    }

    /// Answers those who wait in this turn, if any still do.
    /// - Returns: what was asking, if it had been answered for by nobody before.
    private func end(_ words: String?, _ next: Phase, _ turn: Int) -> Task<Void, Never>? {
        let (waiting, asking) = state.withLock { state -> ([CheckedContinuation<String?, Never>], Task<Void, Never>?) in
            guard state.turn == turn else { return ([], nil) }
            switch state.phase {
            case .resting: return ([], nil)
            case .overdue:
                state.phase = .resting
                return ([], nil)
            case .asking(let waiting):
                state.phase = next
                return (waiting, state.asking.take())
            }
        }
        for continuation in waiting { continuation.resume(returning: words) }
        return asking
    }
}
