import Synchronization

/// That this process leads in some matter, as `Database.lead` has granted it, until it's released or lost. Letting go of the
/// last reference releases it too.
package final class Lease: Sendable {
    private struct State {
        var isHeld = true
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    package let name: String
    private let state = Mutex(State())
    private let onRelease: @Sendable () -> Void

    /// - Parameter onRelease: called once when the holder lets go; not when the lease is lost.
    package init(_ name: String, onRelease: @escaping @Sendable () -> Void) {
        self.name = name
        self.onRelease = onRelease
    }

    deinit { if end() { onRelease() } }

    /// False once another may lead.
    package var isHeld: Bool { state.withLock { $0.isHeld } }

    /// Returns when the lease has ended, or the task was cancelled: stop what only a leader may do.
    package func ended() async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    guard state.isHeld, !Task.isCancelled else { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            // Either it waits already, or it sees that its task is cancelled.
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    /// Lets somebody else lead. Harmless to repeat.
    package func release() { if end() { onRelease() } }

    /// For whoever granted it: it's gone.
    package func lose() { _ = end() }

    /// True the first time.
    private func end() -> Bool {
        let (wasHeld, waiting) = state.withLock { state in
            defer {
                state.isHeld = false
                state.waiting = [:]
            }
            return (state.isHeld, state.waiting.values.map(\.self))
        }
        for continuation in waiting { continuation.resume() }
        return wasHeld
    }
}
