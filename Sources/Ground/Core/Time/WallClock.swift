package import FoundationEssentials

/// The time of day, injected wherever a date is stored or shown, so that tests can say what time it is.
///
/// Durations and deadlines use Swift's `Clock` instead: the time of day may jump.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Date

    package init(_ read: @escaping @Sendable () -> Date) { self.read = read }

    /// The system's clock.
    package static let system = WallClock { Date() }

    package var now: Date { read() }

    /// Milliseconds since 1970, the form in which dates are stored.
    package var milliseconds: Int64 { Int64((read().timeIntervalSince1970 * 1000).rounded()) }
}
