import Synchronization

/// Goes off at the moment for which it was last set. For code off the event loops; loop-confined code uses the loop's timers.
///
/// It costs a task only while it is set, and ends with its owner.
package final class Alarm: Sendable {
    private struct State {
        var moment: Duration?
        var timer: Task<Void, Never>?
    }

    private let time: TimeSource
    private let fired: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter fired: called each time that the alarm goes off, on no thread in particular; must not block. By then the
    ///   alarm is no longer set.
    package init(time: TimeSource, fired: @escaping @Sendable () -> Void) {
        self.time = time
        self.fired = fired
    }

    deinit { state.withLock { $0.timer?.cancel() } }

    /// Sets the alarm for `moment` of the time source's `now`, in place of the moment for which it was set; nil turns it off.
    package func set(_ moment: Duration?) {
        state.withLock { state in
            guard state.moment != moment else { return }
            state.timer?.cancel()
            state.moment = moment
            state.timer = moment.map { moment in
                Task { [weak self, time] in
                    guard (try? await time.sleep(until: moment)) != nil else { return }
                    self?.reached(moment)
                }
            }
        }
    }

    private func reached(_ moment: Duration) {
        let isDue = state.withLock { state in
            guard state.moment == moment else { return false }
            (state.moment, state.timer) = (nil, nil)
            return true
        }
        if isDue { fired() }
    }
}
