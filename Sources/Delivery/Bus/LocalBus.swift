package import Store

/// A bus within one process: publishing calls the subscribers on the publisher's thread, so nothing is queued.
///
/// Errors: `publish` throws none.
package final class LocalBus: Bus {
    private let receivers = Receivers()

    package init() {}

    package func publish(_ events: [Event]) async throws { deliver(events) }

    /// The same as `publish` without suspending, for publishers that aren't asynchronous.
    package func deliver(_ events: [Event]) {
        guard !events.isEmpty else { return }
        receivers.deliver(events)
    }

    package func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
        receivers.add(receive).subscription
    }
}
