package import Store

/// Carries numbered events from the relay to every process that delivers them.
///
/// At least once, and in order as a rule: a subscriber may see an event twice, and after a disturbance may miss some; it
/// notices by the numbers and reads what it missed from the event log. A bus keeps nothing.
package protocol Bus: Sendable {
    /// Hands `events` on, in order. When it returns, the bus has taken them; when it throws, some subscribers may have
    /// got some of them: publish the same events again.
    func publish(_ events: [Event]) async throws

    /// Calls `receive` with each batch, one at a time and in order, until the subscription is cancelled.
    ///
    /// An empty batch says that the bus may have lost something (its connection was down): look into the log.
    /// - Parameter receive: runs on a thread of the bus or the publisher's. It must return at once (hand the batch to a
    ///   loop) and must not publish.
    func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription
}
