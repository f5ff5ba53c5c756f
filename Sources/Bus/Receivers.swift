import Store
import Synchronization

/// The subscribers of a bus in this process. All are told the same in the same order, whichever threads tell them.
final class Receivers: Sendable {
    private struct State {
        var byID: [Int: @Sendable ([Event]) -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    /// Held while a batch is handed out, so that all subscribers see concurrent batches in the same order.
    private let turn = Mutex(())

    var isEmpty: Bool { state.withLock { $0.byID.isEmpty } }

    /// - Returns: an identifier for `deliver(_:to:)`, and what keeps the receiver.
    func add(_ receive: @escaping @Sendable ([Event]) -> Void) -> (id: Int, subscription: BusSubscription) {
        let id = state.withLock { state in
            state.next += 1
            state.byID[state.next] = receive
            return state.next
        }
        let subscription = BusSubscription { [weak self] in
            // The receiver is released after the lock: what it captured may cancel other subscriptions as it goes.
            let receiver = self?.state.withLock { $0.byID.removeValue(forKey: id) }
            withExtendedLifetime(receiver) {}
        }
        return (id, subscription)
    }

    func deliver(_ events: [Event]) {
        turn.withLock { _ in
            let ids = state.withLock { $0.byID.keys.sorted() }
            for id in ids {
                // Looked up again: an earlier receiver may have cancelled this one.
                state.withLock { $0.byID[id] }?(events)
            }
        }
    }

    func deliver(_ events: [Event], to id: Int) {
        turn.withLock { _ in state.withLock { $0.byID[id] }?(events) }
    }
}
