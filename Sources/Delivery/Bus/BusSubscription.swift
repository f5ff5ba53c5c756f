import Synchronization

/// Ends when cancelled or when nobody holds it any more.
package final class BusSubscription: Sendable {
    private let onCancel: Mutex<(@Sendable () -> Void)?>

    package init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = Mutex(onCancel) }

    deinit { cancel() }

    /// No new call of the receiver begins after this; one that's under way on another thread may still finish. Harmless
    /// to repeat, also from within the receiver.
    package func cancel() {
        let action = onCancel.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}
