/// Keeps one connection to a server open: decides when to connect, how long to pause after a failure, and what is worth a
/// line in the log. A value without socket, timer or clock: its owner reports what happened and performs the returned action.
///
/// Pauses follow `backoff`, which begins anew only after a connection that has lasted, so that a server that accepts
/// connections and drops them at once is not asked without pause.
package struct Reconnection: Sendable {
    /// The time from a loss, or from a first attempt that failed, to the next open connection.
    package struct Outage: Sendable, Equatable {
        /// How many attempts have failed in it.
        package var failedAttempts: Int

        package init(failedAttempts: Int) { self.failedAttempts = failedAttempts }
    }

    /// How far the connection is.
    package enum State: Sendable, Equatable {
        /// Not started.
        case idle
        /// An attempt is under way, the first one or one during an outage.
        case connecting(Outage?)
        /// Connected since this moment, on the owner's monotonic clock.
        case open(since: Duration)
        /// Nothing is attempted before `timerFired`.
        case waiting(Outage)
        /// For good.
        case stopped
    }

    /// What the owner has to do.
    package enum Action: Sendable, Equatable {
        /// Start an attempt, and report its end with `opened` or `failed`.
        case connect
        /// Call `timerFired` after this pause. An outage that begins is worth a warning, further failures are not.
        case wait(Duration, beginsOutage: Bool)
        /// Use the new connection, and report its end with `lost`.
        case use(endsOutage: Bool)
        /// End the attempt that is under way; its result counts for nothing.
        case abandonAttempt
        /// Close the connection, whose end need not be reported.
        case closeConnection
        /// Don't call `timerFired` any more.
        case cancelTimer
    }

    package private(set) var state = State.idle
    private var backoff: Backoff
    private let provenAfter: Duration
    private let retriesLossAtOnce: Bool

    /// - Parameters:
    ///   - backoff: the pauses between attempts.
    ///   - provenAfter: how long a connection must have been open to count as good, which lets `backoff` begin anew.
    ///   - retriesLossAtOnce: after the loss of a good connection, the first attempt follows without a pause.
    package init(_ backoff: Backoff, provenAfter: Duration, retriesLossAtOnce: Bool = false) {
        self.backoff = backoff
        self.provenAfter = provenAfter
        self.retriesLossAtOnce = retriesLossAtOnce
    }

    package mutating func started() -> Action? {
        guard case .idle = state else { return nil }
        state = .connecting(nil)
        return .connect
    }

    /// The attempt has led to a connection that works.
    /// - Parameter now: on any clock that never goes back, the same for all events.
    package mutating func opened(at now: Duration) -> Action? {
        guard case .connecting(let outage) = state else { return .closeConnection }
        state = .open(since: now)
        return .use(endsOutage: outage != nil)
    }

    /// The attempt has failed.
    package mutating func failed() -> Action? {
        var generator = SystemRandomNumberGenerator()
        return failed(using: &generator)
    }

    package mutating func failed(using generator: inout some RandomNumberGenerator) -> Action? {
        guard case .connecting(let outage) = state else { return nil }
        state = .waiting(Outage(failedAttempts: (outage?.failedAttempts ?? 0) + 1))
        return .wait(backoff.next(using: &generator), beginsOutage: outage == nil)
    }

    /// The open connection has ended, from whichever side.
    package mutating func lost(at now: Duration) -> Action? {
        var generator = SystemRandomNumberGenerator()
        return lost(at: now, using: &generator)
    }

    package mutating func lost(at now: Duration, using generator: inout some RandomNumberGenerator) -> Action? {
        guard case .open(let since) = state else { return nil }
        if now - since >= provenAfter { backoff.reset() }
        let isFirst = backoff.attempt == 0
        let pause = backoff.next(using: &generator)
        state = .waiting(Outage(failedAttempts: 0))
        return .wait(isFirst && retriesLossAtOnce ? .zero : pause, beginsOutage: true)
    }

    /// The pause is over.
    package mutating func timerFired() -> Action? {
        guard case .waiting(let outage) = state else { return nil }
        state = .connecting(outage)
        return .connect
    }

    /// The owner wants no connection any more. Nothing follows but the returned action.
    package mutating func stopped() -> Action? {
        defer { state = .stopped }
        return switch state {
        case .idle, .stopped: nil
        case .connecting: .abandonAttempt
        case .open: .closeConnection
        case .waiting: .cancelTimer
        }
    }
}
