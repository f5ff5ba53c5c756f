package import Core
package import Store

/// The bus of processes that share a database: each commit rings, wherever it was made, and an empty batch has the
/// subscribers read the log.
///
/// Alone it carries no events at all. Over another bus, its transport, it's the safety net: the transport brings the events,
/// and the log is read when the transport is unavailable, or once it has had a grace period to bring what was committed. So
/// what the transport loses, or a server that hangs, costs delay and nothing else.
package final class SignalBus: Bus, Service {
    package let name = "bus"
    private let signal: Signal
    private let transport: (any Bus)?
    private let isTransportAvailable: @Sendable () -> Bool
    private let grace: Duration
    private let time: TimeSource
    private let receivers = Receivers()
    private let subscription: BusSubscription?

    /// - Parameters:
    ///   - signal: rung after each commit that appended events.
    ///   - transport: brings the events themselves.
    ///   - isTransportAvailable: whether the transport works, as far as it can tell.
    ///   - grace: how long the transport has to bring what was committed before the log is read.
    package init(
        _ signal: Signal, over transport: (any Bus)? = nil,
        isTransportAvailable: @escaping @Sendable () -> Bool = { true }, grace: Duration = .milliseconds(250),
        time: TimeSource = .system
    ) {
        self.signal = signal
        self.transport = transport
        self.isTransportAvailable = isTransportAvailable
        self.grace = grace
        self.time = time
        subscription = transport?.subscribe { [receivers] in receivers.deliver($0) }
    }

    /// Hands the events to the transport. Without one there is nothing to do: the commit has reached the subscribers.
    /// - Throws: what the transport throws.
    package func publish(_ events: [Event]) async throws { try await transport?.publish(events) }

    package func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
        receivers.add(receive).subscription
    }

    /// Passes the rings on until cancelled. Those that come during the grace period become one.
    /// - Throws: nothing.
    package func run() async throws {
        for await _ in signal.listen() {
            if transport != nil, isTransportAvailable() { try? await time.sleep(for: grace) }
            receivers.deliver([])
        }
    }
}
