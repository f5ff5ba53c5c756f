import Core
import Store
import Testing

struct MemoryEventLogTests {
    private func append(_ count: Int, to log: MemoryEventLog) throws {
        for number in 0..<count { try log.append(EventDraft(topic: "t", kind: "k", payload: "{\"n\":\(number)}")) }
    }

    @Test func `an empty log has no events and begins at 1`() {
        let log = MemoryEventLog(capacity: 4)
        #expect(log.lastNumber == 0)
        #expect(log.oldestNumber == 1)
        #expect(log.read(after: 0, limit: 10).isEmpty)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 30]) func `the newest events can be read again`(count: Int) throws {
        let log = MemoryEventLog(capacity: 4)
        try append(count, to: log)
        let oldest = max(1, count - 3)
        #expect(log.lastNumber == Int64(count))
        #expect(log.oldestNumber == Int64(oldest))
        for after in 0...count + 1 {
            for limit in 1...5 {
                let expected = (max(after + 1, oldest)...).prefix { $0 <= count }.prefix(limit)
                #expect(log.read(after: Int64(after), limit: limit).map(\.number) == expected.map(Int64.init))
            }
        }
    }

    @Test func `an append within the receiver goes out with the next batch`() throws {
        let received = Recorder<[Int64]>()
        let logs = Recorder<MemoryEventLog>()
        let log = MemoryEventLog(capacity: 10) { events in
            received.record(events.map(\.number))
            if events.contains(where: { $0.number == 1 }) {
                for _ in 0..<2 {
                    _ = try? logs.elements.first?.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
                }
            }
        }
        logs.record(log)
        try append(1, to: log)
        #expect(received.elements == [[1], [2, 3]])
        logs.forget()
    }

    @Test func `a log whose events are not taken refuses more than it can hold`() throws {
        let refused = Recorder<StoreError.Kind>()
        let logs = Recorder<MemoryEventLog>()
        let log = MemoryEventLog(capacity: 3) { events in
            guard events[0].number == 1 else { return }
            for _ in 0..<5 {
                do { _ = try logs.elements[0].append(EventDraft(topic: "t", kind: "k", payload: "{}")) } catch {
                    refused.record((error as? StoreError)?.kind ?? .other)
                }
            }
        }
        logs.record(log)
        try append(1, to: log)
        #expect(log.lastNumber == 4)
        #expect(refused.elements == [.busy, .busy])
        try append(1, to: log)
        #expect(log.lastNumber == 5)
        logs.forget()
    }

    @Test func `each log has an epoch of its own`() {
        #expect(MemoryEventLog(capacity: 1).epoch != MemoryEventLog(capacity: 1).epoch)
        #expect(MemoryEventLog(capacity: 1, epoch: "bench").cursor(at: 3).description == "bench-3")
    }
}
