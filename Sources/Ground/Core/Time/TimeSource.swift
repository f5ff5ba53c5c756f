package import FoundationEssentials

/// The source of time: what time of day it is, how much time has passed, and a way to wait.
///
/// Everything above the event loops is given one, so that a test can hold time still and move it. Dates are for what is
/// stored or shown; `now` is for durations and deadlines, because the time of day may jump.
package struct TimeSource: Sendable {
    private let readDate: @Sendable () -> Date
    private let readNow: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - date: the time of day.
    ///   - now: the time that has passed since an arbitrary origin; must never go back.
    ///   - sleepUntil: returns once `now` has reached the moment; throws `CancellationError` when its task is cancelled.
    package init(
        date: @escaping @Sendable () -> Date, now: @escaping @Sendable () -> Duration,
        sleepUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        readDate = date
        readNow = now
        wait = sleepUntil
    }

    /// The system's clocks.
    package static let system: TimeSource = {
        let clock = ContinuousClock()
        let origin = clock.now
        return TimeSource(
            date: { Date() }, now: { origin.duration(to: clock.now) },
            sleepUntil: { try await clock.sleep(until: origin.advanced(by: $0), tolerance: nil) })
    }()

    /// The time of day.
    package var date: Date { readDate() }

    /// The time of day in milliseconds since 1970, the form in which times are stored.
    package var milliseconds: Int64 { Int64((readDate().timeIntervalSince1970 * 1000).rounded()) }

    /// The time that has passed since an arbitrary origin. It never goes back.
    package var now: Duration { readNow() }

    /// Returns once `now` has reached `moment`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(until moment: Duration) async throws { try await wait(moment) }

    /// Returns once `duration` has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(for duration: Duration) async throws { try await wait(readNow() + duration) }
}
