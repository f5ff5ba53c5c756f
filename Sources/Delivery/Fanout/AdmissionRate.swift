/// How many streams are opened in a second: after a restart everybody comes back at once, and each of them costs several questions
/// to the database. Those beyond are told when to come again, each another moment, so that they come at this rate.
package struct AdmissionRate: Sendable {
    /// Nobody is sent away for longer; when even that isn't enough they come at random moments in it.
    package static let longestWait = Duration.seconds(30)
    /// What wasn't used lately may be used at once, up to this much.
    private static let burst = Duration.seconds(1)

    /// The time that each stream takes up; nil: they are not counted.
    private let share: Duration?
    /// Up to when the time is taken up by streams that were opened.
    private var taken = Duration.zero
    /// Up to when it's promised to those that were sent away.
    private var promised = Duration.zero

    /// - Parameter perSecond: 0 admits everybody.
    package init(perSecond: Int) {
        precondition(perSecond >= 0)
        share = perSecond == 0 ? nil : Duration.seconds(1) / perSecond
    }

    /// Counts a stream in, if there is time for one.
    ///
    /// - Returns: nil for a stream that may be opened, otherwise after how long it's to be tried again.
    package mutating func admit(at now: Duration) -> Duration? {
        guard let share else { return nil }
        taken = max(taken, now - Self.burst)
        guard taken > now else {
            taken += share
            return nil
        }
        let next = max(promised, taken) + share
        promised = min(next, now + Self.longestWait)
        return next <= promised ? next - now : Self.longestWait * Double.random(in: 0.5...1)
    }

    /// A stream that was counted in is not opened after all: its time is for another one.
    package mutating func giveBack() {
        if let share { taken -= share }
    }
}
