import Fanout
import Store
import Testing

struct EventOrderTests {
    private func event(_ number: Int64, tag: Int64? = nil, after previous: Int64? = nil) -> Event {
        Event(number: number, topic: "t", kind: "k", payload: "{}", time: 0, tag: tag, previousTag: previous)
    }

    @Test func `an event that followed another one than the last is left to the log`() {
        var order = EventOrder(at: LogPlace(number: 4, tag: 40))
        #expect(order.received([event(5, tag: 50, after: 40)]).next.map(\.number) == [5])
        let (next, readsLog) = order.received([event(6, tag: 61, after: 51), event(7, tag: 71, after: 61)])
        #expect(next.isEmpty && readsLog && order.place == LogPlace(number: 5, tag: 50))
        // The log has been set back as well: nothing of it is handed on until that has been noticed.
        #expect(order.read([event(6, tag: 61, after: 51)]).next.isEmpty)
        // It has not: the bus was wrong.
        #expect(order.read([event(6, tag: 60, after: 50), event(7, tag: 70, after: 60)]).next.map(\.number) == [6, 7])
    }

    @Test func `events without tags are taken by their numbers`() {
        var order = EventOrder(at: LogPlace(number: 4, tag: 40))
        #expect(order.received([event(5)]).next.map(\.number) == [5])
        #expect(order.received([event(6, tag: 60, after: 50)]).next.map(\.number) == [6])
    }
}
