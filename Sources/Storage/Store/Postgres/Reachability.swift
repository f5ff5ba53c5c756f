import Core
import Synchronization

/// Whether a server was there when it was last tried, shared by all connections to it: while it's away, only one attempt is
/// made now and then, and whoever asks meanwhile is told at once.
final class Reachability: Sendable {
    private struct State {
        var backoff: Backoff
        var failure: PostgresFailure?
        var next = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let attempt: Duration
    private let log: Log

    /// - Parameter attempt: how long an attempt may take.
    init(_ backoff: Backoff, attempt: Duration, log: Log) {
        state = Mutex(State(backoff: backoff))
        self.attempt = attempt
        self.log = log
    }

    /// Throws what the last attempt failed with, until it's time for another: then one makes it.
    func check() throws(PostgresFailure) {
        let failure = state.withLock { state -> PostgresFailure? in
            guard let failure = state.failure else { return nil }
            let now = ContinuousClock.now
            guard now >= state.next else { return failure }
            state.next = now + attempt
            return nil
        }
        if let failure { throw failure }
    }

    func connected() {
        let wasAway = state.withLock { state in
            state.backoff.reset()
            defer { state.failure = nil }
            return state.failure != nil
        }
        if wasAway { log.info("the database is there again") }
    }

    /// - Returns: what callers are told: it must not make them try at once.
    func failed(_ failure: PostgresFailure) -> PostgresFailure {
        let final = PostgresFailure(failure.error.kind, failure.error.message, cause: failure.error.cause)
        let isNew = state.withLock { state in
            defer { state.failure = final }
            state.next = .now + state.backoff.next()
            return state.failure == nil
        }
        if isNew { log.error("the database can't be reached", ["error": "\(failure.error)"]) }
        return final
    }
}
