package import Store

/// Carries numbered events from the relay to every process that delivers them.
///
/// Delivery is at least once and normally in order: a subscriber may see an event twice, and after a disturbance may miss
/// some; it notices by the numbers and reads what it missed from the event log. A bus keeps nothing.
package protocol Bus: Sendable {
    /// Hands `events` on, in order. When it returns, the bus has taken them.
    /// - Throws: an error of the bus; some subscribers may have received some of the events: publish the same ones again.
    func publish(_ events: [Event]) async throws

    /// Calls `receive` with each batch, one at a time and in order, until the subscription is cancelled.
    ///
    /// An empty batch says that the bus may have lost something, for example because its connection was down: read the log.
    /// - Parameter receive: runs on a thread of the bus or of the publisher. It must return at once, as by handing the batch
    ///   to a loop, and must not publish.
    func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription
}
