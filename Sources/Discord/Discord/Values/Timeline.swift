/// Time that only moves forward, counted from some moment, and a way to wait for it: a clock whose instants are plain
/// durations, so that state machines can calculate with them and tests can say what time it is.
package struct Timeline: Sendable {
    private let read: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration, sleepUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        read = now
        wait = sleepUntil
    }

    package init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let origin = clock.now
        self.init(
            now: { origin.duration(to: clock.now) },
            sleepUntil: { try await clock.sleep(until: origin.advanced(by: $0), tolerance: nil) })
    }

    package static let continuous = Timeline(ContinuousClock())

    package var now: Duration { read() }

    /// Returns at `moment`, or throws `CancellationError` when the task is cancelled.
    package func sleep(until moment: Duration) async throws { try await wait(moment) }
}
