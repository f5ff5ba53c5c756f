package import Core
package import Store

/// The bus of processes that share a database: each commit rings, wherever it was made, and an empty batch tells the
/// subscribers to look into the log.
///
/// Alone it carries no events at all. Over another bus it's the safety net: that one brings the events, and when it's away,
/// or has brought nothing by the time that the patience is over, the log is looked at. So what another bus loses, or a server
/// that hangs, costs delay and nothing else.
package final class SignalBus: Bus, Service {
    package let name = "bus"
    private let signal: Signal
    private let carrier: (any Bus)?
    private let isCarrying: @Sendable () -> Bool
    private let patience: Duration
    private let clock: any Clock<Duration>
    private let receivers = Receivers()
    private let carried: BusSubscription?

    /// - Parameters:
    ///   - signal: rung after each commit that appended events.
    ///   - carrier: brings the events themselves.
    ///   - isCarrying: whether the carrier works as far as it knows.
    ///   - patience: how long the carrier has to bring what was committed.
    package init(
        _ signal: Signal, over carrier: (any Bus)? = nil, isCarrying: @escaping @Sendable () -> Bool = { true },
        patience: Duration = .milliseconds(250), clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.signal = signal
        self.carrier = carrier
        self.isCarrying = isCarrying
        self.patience = patience
        self.clock = clock
        carried = carrier?.subscribe { [receivers] in receivers.deliver($0) }
    }

    /// Hands the events to the carrier. Without one there is nothing to do: subscribers have heard of the commit.
    package func publish(_ events: [Event]) async throws { try await carrier?.publish(events) }

    package func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
        receivers.add(receive).subscription
    }

    /// Passes the rings on until cancelled. Those that come while it's patient become one.
    package func run() async throws {
        for await _ in signal.listen() {
            if carrier != nil, isCarrying() { try? await clock.sleep(for: patience) }
            receivers.deliver([])
        }
    }
}
