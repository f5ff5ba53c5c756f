import Core
import Synchronization

/// Proof that this process leads under some name, as `Database.lead` has granted it, until it's released or lost. Letting
/// go of the last reference releases it too.
package final class Lease: Sendable {
    package let name: String
    private let over = Latch()
    private let isEnding = Atomic<Bool>(false)
    private let onRelease: @Sendable () -> Void

    /// - Parameter onRelease: called once when the holder lets go; not when the lease is lost.
    package init(_ name: String, onRelease: @escaping @Sendable () -> Void) {
        self.name = name
        self.onRelease = onRelease
    }

    deinit { if end() { onRelease() } }

    /// False once another process may lead.
    package var isHeld: Bool { !isEnding.load(ordering: .acquiring) }

    /// Returns when the lease has ended, or the task was cancelled: stop what only a leader may do.
    package func ended() async { await over.wait() }

    /// Lets another process lead. Calls after the first have no effect.
    package func release() { if end() { onRelease() } }

    /// Ends the lease without a release: called by the database that granted it and can't vouch for it any more.
    package func lose() { _ = end() }

    /// True the first time.
    private func end() -> Bool {
        let isFirst = !isEnding.exchange(true, ordering: .acquiringAndReleasing)
        over.open()
        return isFirst
    }
}
