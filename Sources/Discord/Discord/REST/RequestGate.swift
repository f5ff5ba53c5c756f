import Synchronization

/// Lets requests through when the `RateLimiter` says so: the limiter's clock, timer and waiting room.
///
/// Its one timer task exists only while some request has to wait for a time, and ends with the gate.
final class RequestGate: Sendable {
    private enum Verdict {
        case go, refused(RateLimiter.Refusal), cancelled
    }

    private struct State {
        var limiter: RateLimiter
        var waiting: [RateLimiter.RequestID: CheckedContinuation<Verdict, Never>] = [:]
        /// Verdicts that came before their request began to wait.
        var early: [RateLimiter.RequestID: Verdict] = [:]
        var timer: Task<Void, Never>?
        var wakeAt: Duration?
        var finished: Set<RateLimiter.RequestID> = []
    }

    private let state: Mutex<State>
    private let timeline: Timeline

    init(limits: RateLimiter.Limits, timeline: Timeline) {
        state = Mutex(State(limiter: RateLimiter(limits: limits)))
        self.timeline = timeline
    }

    deinit { state.withLock { $0.timer?.cancel() } }

    var waiting: Int { state.withLock { $0.limiter.waiting } }

    /// Runs `attempt` when its turn has come, again when the limiter thinks that another try is right, and gives back
    /// what the last one gave.
    ///
    /// - Throws: `DiscordError` when the request was refused a turn; `CancellationError`.
    func perform<Result: Sendable>(
        _ route: Route, mayBeResent: Bool,
        _ attempt: () async -> (result: Result, outcome: RateLimiter.Outcome)
    ) async throws -> Result {
        let id = state.withLock { state in
            let (id, actions) = state.limiter.enqueued(route, mayBeResent: mayBeResent, at: timeline.now)
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
                        id, Task.isCancelled ? .abandoned : outcome, at: timeline.now, using: &generator),
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
                        apply(state.limiter.cancelled(id, at: timeline.now), to: &state)
                        continuation.resume(returning: .cancelled)
                    } else {
                        state.waiting[id] = continuation
                    }
                }
            }
        } onCancel: {
            state.withLock { state in
                guard let continuation = state.waiting.removeValue(forKey: id) else { return }
                apply(state.limiter.cancelled(id, at: timeline.now), to: &state)
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
            case .send(let id): tell(id, .go, &state)
            case .refuse(let id, let refusal): tell(id, .refused(refusal), &state)
            case .finish(let id): state.finished.insert(id)
            case .wake(let moment): arm(moment, &state)
            }
        }
    }

    private func tell(_ id: RateLimiter.RequestID, _ verdict: Verdict, _ state: inout State) {
        if let continuation = state.waiting.removeValue(forKey: id) {
            continuation.resume(returning: verdict)
        } else {
            state.early[id] = verdict
        }
    }

    private func arm(_ moment: Duration?, _ state: inout State) {
        guard moment != state.wakeAt else { return }
        state.timer?.cancel()
        state.wakeAt = moment
        state.timer = moment.map { moment in
            Task { [weak self, timeline] in
                guard (try? await timeline.sleep(until: moment)) != nil else { return }
                self?.timerFired(for: moment)
            }
        }
    }

    private func timerFired(for moment: Duration) {
        state.withLock { state in
            guard state.wakeAt == moment else { return }
            state.wakeAt = nil
            state.timer = nil
            apply(state.limiter.timerFired(at: max(timeline.now, moment)), to: &state)
        }
    }
}
