package import Store
import Synchronization

/// A bus within one process: publishing calls the subscribers on the publisher's thread, so nothing is queued.
package final class LocalBus: Bus {
    private struct Receivers {
        var byID: [Int: @Sendable ([Event]) -> Void] = [:]
        var next = 0
    }

    private let receivers = Mutex(Receivers())
    /// Held while a batch is handed out, so that all subscribers see concurrent batches in the same order.
    private let turn = Mutex(())

    package init() {}

    package func publish(_ events: [Event]) async throws { deliver(events) }

    /// The same without suspending, for publishers that aren't asynchronous.
    package func deliver(_ events: [Event]) {
        guard !events.isEmpty else { return }
        turn.withLock { _ in
            let ids = receivers.withLock { $0.byID.keys.sorted() }
            for id in ids {
                // Looked up again: an earlier receiver may have cancelled this one.
                receivers.withLock { $0.byID[id] }?(events)
            }
        }
    }

    package func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
        let id = receivers.withLock { receivers in
            receivers.next += 1
            receivers.byID[receivers.next] = receive
            return receivers.next
        }
        return BusSubscription { [weak self] in
            // The receiver is released after the lock: what it captured may cancel other subscriptions as it goes.
            let receiver = self?.receivers.withLock { $0.byID.removeValue(forKey: id) }
            withExtendedLifetime(receiver) {}
        }
    }
}
