import Bus
import Core
import Store
import Testing
import TestSupport

struct SignalBusTests {
    @Test func `over another bus it keeps the promises of a bus`() async throws {
        let bus = SignalBus(Signal(), over: LocalBus())
        try await BusConformance.run { bus }
    }

    @Test func `each commit has subscribers read the log, without any event`() async throws {
        let signal = Signal()
        let bus = SignalBus(signal)
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        let running = Task { try await bus.run() }
        try await eventually {
            signal.ring()
            return received.emptyBatches > 2
        }
        try await bus.publish([BusConformance.event(1)])
        #expect(received.all.isEmpty)
        running.cancel()
        try await running.value
        subscription.cancel()
    }

    @Test(arguments: [true, false])
    func `what the transport does not bring is read, at once when the transport is unavailable`(
        isAvailable: Bool
    ) async throws {
        let signal = Signal()
        let bus = SignalBus(
            signal, over: LocalBus(), isTransportAvailable: { isAvailable },
            grace: isAvailable ? .milliseconds(5) : .seconds(600))
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        let running = Task { try await bus.run() }
        try await eventually {
            signal.ring()
            return received.emptyBatches > 0
        }
        running.cancel()
        try await running.value
        subscription.cancel()
    }
}
