import Core
import Synchronization

/// Whether a server was there when it was last tried, shared by all connections to it: while it's unavailable, only one
/// attempt is made now and then, and other callers are refused at once.
final class Reachability: Sendable {
    private enum State {
        case reachable
        /// What the last attempt failed with, and when the next one may be made.
        case unreachable(PostgresFailure, next: Duration)
    }

    /// What was begun before the server was last reached says nothing about it any more.
    struct Attempt { fileprivate let connections: Int }

    private let state: Mutex<(State, Backoff, connections: Int)>
    private let attempt: Duration
    private let time: TimeSource
    private let log: Log

    /// - Parameter attempt: how long an attempt may take.
    init(_ backoff: Backoff, attempt: Duration, time: TimeSource, log: Log) {
        state = Mutex((.reachable, backoff, 0))
        self.attempt = attempt
        self.time = time
        self.log = log
    }

    /// An attempt that begins now.
    func attempting() -> Attempt { Attempt(connections: state.withLock { $0.connections }) }

    /// Throws what the last attempt failed with, until it's time for another: then one caller may make it.
    func check() throws(PostgresFailure) {
        let now = time.now
        let failure = state.withLock { state -> PostgresFailure? in
            guard case .unreachable(let failure, let next) = state.0 else { return nil }
            guard now >= next else { return failure }
            state.0 = .unreachable(failure, next: now + attempt)
            return nil
        }
        if let failure { throw failure }
    }

    func connected() {
        let wasUnreachable = state.withLock { state in
            defer { state.0 = .reachable }
            state.1.reset()
            state.connections += 1
            return if case .unreachable = state.0 { true } else { false }
        }
        if wasUnreachable { log.info("the database can be reached again") }
    }

    /// - Returns: the failure for callers: one that must not make them try again at once.
    func failed(_ failure: PostgresFailure, _ attempt: Attempt) -> PostgresFailure {
        let final = PostgresFailure(failure.error.kind, failure.error.message, cause: failure.error.cause)
        let now = time.now
        let isNew = state.withLock { state in
            guard state.connections == attempt.connections else { return false }
            defer { state.0 = .unreachable(final, next: now + state.1.next()) }
            return if case .reachable = state.0 { true } else { false }
        }
        if isNew { log.error("the database can't be reached", ["error": "\(failure.error)"]) }
        return final
    }
}
