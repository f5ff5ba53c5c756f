import Core
import Synchronization

/// Holds requests until the `RateLimiter` allows them: the limiter with a time source, an alarm and the waiting tasks.
final class RequestGate: Sendable {
    private enum Verdict {
        case go, refused(RateLimiter.Refusal), cancelled
    }

    private struct State {
        var limiter: RateLimiter
        var waiting: [RateLimiter.RequestID: CheckedContinuation<Verdict, Never>] = [:]
        /// Verdicts that came before their request began to wait.
        var early: [RateLimiter.RequestID: Verdict] = [:]
        var finished: Set<RateLimiter.RequestID> = []
        /// Set while some request has to wait for a time.
        var alarm: Alarm?
    }

    private let state: Mutex<State>
    private let time: TimeSource

    init(limits: RateLimiter.Limits, time: TimeSource) {
        state = Mutex(State(limiter: RateLimiter(limits: limits)))
        self.time = time
        let alarm = Alarm(time: time) { [weak self] in self?.timerFired() }
        state.withLock { $0.alarm = alarm }
    }

    var waiting: Int { state.withLock { $0.limiter.waiting } }

    /// Runs `attempt` when the limiter allows it, again when the limiter decides on another try, and returns the last result.
    ///
    /// - Throws: `DiscordError` when the request was refused a turn; `CancellationError`.
    func perform<Result: Sendable>(
        _ route: Route, mayBeResent: Bool,
        _ attempt: () async -> (result: Result, outcome: RateLimiter.Outcome)
    ) async throws -> Result {
        let id = state.withLock { state in
            let (id, actions) = state.limiter.enqueued(route, mayBeResent: mayBeResent, at: time.now)
            apply(actions, to: &state)
            return id
        }
        while true {
            try await turn(of: id)
            let (result, outcome) = await attempt()
            let isFinal = state.withLock { state in
                var generator = SystemRandomNumberGenerator()
                apply(
                    state.limiter.completed(
                        id, Task.isCancelled ? .abandoned : outcome, at: time.now, using: &generator),
                    to: &state)
                return state.finished.remove(id) != nil
            }
            if isFinal { return result }
        }
    }

    private func turn(of id: RateLimiter.RequestID) async throws {
        let verdict = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if let verdict = state.early.removeValue(forKey: id) {
                        continuation.resume(returning: verdict)
                    } else if Task.isCancelled {
                        apply(state.limiter.cancelled(id, at: time.now), to: &state)
                        continuation.resume(returning: .cancelled)
                    } else {
                        state.waiting[id] = continuation
                    }
                }
            }
        } onCancel: {
            state.withLock { state in
                guard let continuation = state.waiting.removeValue(forKey: id) else { return }
                apply(state.limiter.cancelled(id, at: time.now), to: &state)
                continuation.resume(returning: .cancelled)
            }
        }
        switch verdict {
        case .go: return
        case .refused(let refusal): throw DiscordError(refusal)
        case .cancelled: throw CancellationError()
        }
    }

    private func apply(_ actions: [RateLimiter.Action], to state: inout State) {
        for action in actions {
            switch action {
            case .send(let id): resume(id, .go, &state)
            case .refuse(let id, let refusal): resume(id, .refused(refusal), &state)
            case .finish(let id): state.finished.insert(id)
            case .wake(let moment): state.alarm?.set(moment)
            }
        }
    }

    private func resume(_ id: RateLimiter.RequestID, _ verdict: Verdict, _ state: inout State) {
        if let continuation = state.waiting.removeValue(forKey: id) {
            continuation.resume(returning: verdict)
        } else {
            state.early[id] = verdict
        }
    }

    private func timerFired() {
        state.withLock { state in apply(state.limiter.timerFired(at: time.now), to: &state) }
    }
}
