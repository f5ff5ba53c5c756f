import Synchronization

/// A receiver's place among the subscribers of a bus. Ends when cancelled or released.
package final class BusSubscription: Sendable {
    private let onCancel: Mutex<(@Sendable () -> Void)?>

    package init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = Mutex(onCancel) }

    deinit { cancel() }

    /// Ends the subscription: no new call of the receiver begins after this; one that is under way on another thread may still
    /// finish. May be called more than once, also from within the receiver.
    package func cancel() {
        let action = onCancel.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}
