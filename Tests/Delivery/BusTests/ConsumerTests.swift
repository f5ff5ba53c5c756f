import Bus
import Core
import Store
import Testing
import TestSupport

struct ConsumerTests {
    private func consumer(
        _ site: RelayTests.Site, _ handled: Received, beginsAtOldest: Bool = true,
        missed: @escaping @Sendable (ClosedRange<Int64>) async throws -> Void = { _ in },
        before: @escaping @Sendable (Event) async throws -> Void = { _ in }
    ) async throws -> Consumer {
        var configuration = Consumer.Configuration()
        configuration.poll = .seconds(3600)
        configuration.batch = 4
        configuration.beginsAtOldest = beginsAtOldest
        configuration.backoff = Backoff(base: .milliseconds(1), limit: .milliseconds(2))
        return Consumer(
            name: "reader", database: site.database, events: try await DatabaseEventLog(site.database), bus: site.bus,
            configuration: configuration, missed: missed
        ) { event in
            try await before(event)
            handled.record([event])
        }
    }

    @Test func `a consumer handles every event in order, woken by the bus`() async throws {
        let site = try await RelayTests.Site()
        let handled = Received()
        try await site.append(1...10)
        try await running(site.relay) {
            try await running(try await consumer(site, handled)) {
                try await handled.wait { $0.count == 10 }
                for number in Int64(11)...20 {
                    try await site.append(number...number)
                    try await handled.wait { $0.count == Int(number) }
                }
            }
        }
        #expect(handled.numbers == Array(1...20))
        await site.database.close()
    }

    @Test func `a consumer that comes back goes on where it was`() async throws {
        let site = try await RelayTests.Site()
        let handled = Received()
        try await site.append(1...5)
        try await running(try await consumer(site, handled)) { try await handled.wait { $0.count == 5 } }
        try await site.append(6...9)
        try await running(try await consumer(site, handled)) { try await handled.wait { $0.count == 9 } }
        #expect(handled.numbers == Array(1...9))
        await site.database.close()
    }

    @Test func `an event whose handler throws is handled again before the next one`() async throws {
        struct Refusal: Error {}
        let site = try await RelayTests.Site()
        let (handled, attempts) = (Received(), Received())
        try await site.append(1...6)
        let consumer = try await consumer(
            site, handled,
            before: { event in
                attempts.record([event])
                if event.number == 3, attempts.numbers.filter({ $0 == 3 }).count < 5 { throw Refusal() }
            })
        try await running(consumer) { try await handled.wait { $0.count == 6 } }
        #expect(handled.numbers == Array(1...6))
        #expect(attempts.numbers == [1, 2, 3, 3, 3, 3, 3, 4, 5, 6])
        await site.database.close()
    }

    @Test func `a consumer stopped amid a batch repeats nothing that it had finished`() async throws {
        let site = try await RelayTests.Site()
        let handled = Received()
        try await site.append(1...4)
        let stuck = try await consumer(
            site, handled,
            before: { if $0.number == 3 { try await Task.sleep(for: .seconds(3600)) } })
        try await running(stuck) { try await handled.wait { $0.count == 2 } }
        try await running(try await consumer(site, handled)) { try await handled.wait { $0.count == 4 } }
        #expect(handled.numbers == [1, 2, 3, 4])
        await site.database.close()
    }

    @Test func `a new consumer may begin with the events to come`() async throws {
        let site = try await RelayTests.Site()
        let handled = Received()
        try await site.append(1...3)
        let epoch = try await DatabaseEventLog(site.database).epoch
        try await running(site.relay) {
            try await running(try await consumer(site, handled, beginsAtOldest: false)) {
                // It has begun once its position is there.
                try await eventually {
                    try await Positions(site.database).find("reader", epoch: epoch) == 3
                }
                try await site.append(4...5)
                try await handled.wait { $0.count == 2 }
            }
        }
        #expect(handled.numbers == [4, 5])
        await site.database.close()
    }

    @Test func `a consumer whose log has become another one is told to look at everything, and goes on`() async throws {
        let site = try await RelayTests.Site()
        let (handled, missed) = (Received(), Received())
        try await site.append(1...6)
        try await running(try await consumer(site, handled)) { try await handled.wait { $0.count == 6 } }
        let epoch = try await DatabaseEventLog(site.database).epoch
        try await site.database.beginNewLog(replacing: epoch) { _ in }
        let next = try await consumer(
            site, handled,
            missed: { missed.record([BusConformance.event($0.lowerBound), BusConformance.event($0.upperBound)]) })
        try await running(site.relay) {
            try await running(next) {
                try await missed.wait { $0.count == 2 }
                try await site.append(7...8)
                try await handled.wait { $0.count == 8 }
            }
        }
        #expect(missed.numbers == [1, 6])
        #expect(handled.numbers == Array(1...8))
        await site.database.close()
    }

    @Test func `a consumer that was away for too long is told what it missed`() async throws {
        let site = try await RelayTests.Site()
        let (handled, missed) = (Received(), Received())
        try await site.append(1...2)
        try await running(try await consumer(site, handled)) { try await handled.wait { $0.count == 2 } }
        try await site.append(3...8)
        var retention = Retention()
        retention.count = 2
        #expect(try await retention.apply(to: site.database, through: 8, now: 0) == 6)
        let late = try await consumer(
            site, handled,
            missed: { missed.record([BusConformance.event($0.lowerBound), BusConformance.event($0.upperBound)]) })
        try await running(late) { try await handled.wait { $0.count == 4 } }
        #expect(missed.numbers == [3, 6])
        #expect(handled.numbers == [1, 2, 7, 8])
        await site.database.close()
    }
}
