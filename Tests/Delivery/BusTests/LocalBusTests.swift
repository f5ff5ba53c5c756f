import Bus
import Store
import Testing

struct LocalBusTests {
    @Test func `the bus within the process keeps the promises of a bus`() async throws {
        let bus = LocalBus()
        try await BusConformance.run { bus }
    }

    @Test func `a batch has been handed out when publishing returns`() {
        let bus = LocalBus()
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        bus.deliver([BusConformance.event(1), BusConformance.event(2)])
        bus.deliver([])
        #expect(received.numbers == [1, 2])
        subscription.cancel()
    }
}
