import Bus
import Store
import Testing

struct MemoryEventLogBusTests {
    @Test func `events of an in-memory log reach the bus in order while many append`() async throws {
        let bus = LocalBus()
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        let log = MemoryEventLog(capacity: 20_000) { bus.deliver($0) }
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        try log.append(EventDraft(topic: "t", kind: "k", payload: #"{"n":\#(task * 500 + number)}"#))
                    }
                }
            }
            try await group.waitForAll()
        }
        try await received.wait { $0.count >= 4000 }
        #expect(received.numbers == Array(1...4000))
        #expect(log.read(after: 0, limit: 5000) == received.events)
        subscription.cancel()
    }
}
