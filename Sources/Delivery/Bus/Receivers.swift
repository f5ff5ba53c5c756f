import Store
import Synchronization

/// The subscribers of a bus in this process. All receive the same batches in the same order, whichever threads deliver them.
final class Receivers: Sendable {
    private struct State {
        var byID: [Int: @Sendable ([Event]) -> Void] = [:]
        /// Those that have not received an empty batch since they were added.
        var newcomers: Set<Int> = []
        var next = 0
    }

    private let state = Mutex(State())
    /// Held while a batch is handed out, so that all subscribers see concurrent batches in the same order.
    private let turn = Mutex(())

    var isEmpty: Bool { state.withLock { $0.byID.isEmpty } }

    /// - Returns: an identifier for `greet`, and the subscription that keeps the receiver.
    func add(_ receive: @escaping @Sendable ([Event]) -> Void) -> (id: Int, subscription: BusSubscription) {
        let id = state.withLock { state in
            state.next += 1
            state.byID[state.next] = receive
            state.newcomers.insert(state.next)
            return state.next
        }
        let subscription = BusSubscription { [weak self] in
            // The receiver is released after the lock: what it captured may cancel other subscriptions as it goes.
            let receiver = self?.state.withLock { state in
                state.newcomers.remove(id)
                return state.byID.removeValue(forKey: id)
            }
            withExtendedLifetime(receiver) {}
        }
        return (id, subscription)
    }

    /// Calls every receiver with the events.
    func deliver(_ events: [Event]) {
        turn.withLock { _ in
            let ids = state.withLock { state in
                if events.isEmpty { state.newcomers = [] }
                return state.byID.keys.sorted()
            }
            for id in ids {
                // Looked up again: an earlier receiver may have cancelled this one.
                state.withLock { $0.byID[id] }?(events)
            }
        }
    }

    /// Sends a new subscriber the empty batch, unless it has received one together with the others.
    func greet(_ id: Int) {
        turn.withLock { _ in
            let receive = state.withLock { state in state.newcomers.remove(id).flatMap { state.byID[$0] } }
            receive?([])
        }
    }
}
