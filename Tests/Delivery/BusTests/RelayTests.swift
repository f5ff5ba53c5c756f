import Bus
import Core
import Store
import Testing
import TestSupport

struct RelayTests {
    /// A database in a folder of its own, a bus, and one who listens to it.
    struct Site {
        let folder: TemporaryFolder
        let database: SQLiteDatabase
        let bus = LocalBus()
        let received = Received()
        let subscription: BusSubscription

        init(in folder: TemporaryFolder? = nil) async throws {
            self.folder = try folder ?? TemporaryFolder()
            var configuration = SQLiteConfiguration(path: self.folder.file("test.db"))
            configuration.synchronous = .normal
            database = try await SQLiteDatabase.open(configuration)
            try await database.migrate([])
            subscription = bus.subscribe { [received] in received.record($0) }
        }

        func append(_ numbers: ClosedRange<Int64>) async throws {
            for number in numbers {
                try await database.transaction { transaction in
                    try await transaction.append(EventDraft(topic: "t", kind: "k", payload: #"{"n":\#(number)}"#))
                }
            }
        }

        /// A relay that only a commit wakes within the test's time.
        var relay: Relay {
            var configuration = Relay.Configuration()
            configuration.poll = .seconds(3600)
            configuration.save = .seconds(3600)
            configuration.batch = 7
            return Relay(database: database, bus: bus, configuration: configuration)
        }

        func savedPosition() async throws -> Int64? {
            let epoch = try await DatabaseEventLog(database).epoch
            return try await Positions(database).find(Relay.position, epoch: epoch)
        }
    }

    @Test func `each committed event reaches the bus, woken by the commit alone`() async throws {
        let site = try await Site()
        try await running(site.relay) {
            for number in Int64(1)...20 {
                try await site.append(number...number)
                try await site.received.wait { $0.count == Int(number) }
            }
        }
        #expect(site.received.numbers == Array(1...20))
        await site.database.close()
    }

    @Test func `what concurrent transactions append is published in the order of its numbers`() async throws {
        let site = try await Site()
        try await running(site.relay) {
            try await withThrowingTaskGroup { group in
                for number in Int64(1)...100 {
                    group.addTask {
                        struct Refusal: Error {}
                        try? await site.database.transaction { transaction in
                            let draft = EventDraft(topic: "t", kind: "k", payload: #"{"n":\#(number)}"#)
                            try await transaction.append(draft)
                            await Task.yield()
                            if number % 5 == 0 { throw Refusal() }
                            try await transaction.append(draft)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await site.received.wait { $0.count >= 160 }
        }
        #expect(site.received.numbers == Array(1...160))
        await site.database.close()
    }

    @Test func `a stopped relay goes on where it was`() async throws {
        let site = try await Site()
        try await site.append(1...10)
        try await running(site.relay) { try await site.received.wait { $0.count == 10 } }
        #expect(try await site.savedPosition() == 10)
        try await site.append(11...25)
        try await running(site.relay) { try await site.received.wait { $0.count == 25 } }
        #expect(site.received.numbers == Array(1...25))
        await site.database.close()
    }

    @Test func `what was committed before a crash is published after it`() async throws {
        let folder = try TemporaryFolder()
        let before = try await Site(in: folder)
        try await before.append(1...10)
        await before.database.close()
        // No relay ran: as if the process had been killed between commit and delivery.
        let after = try await Site(in: folder)
        try await running(after.relay) { try await after.received.wait { $0.count == 10 } }
        #expect(after.received.numbers == Array(1...10))
        await after.database.close()
    }

    @Test func `of a log that has become another one only the newest events are published again`() async throws {
        let site = try await Site()
        try await site.append(1...20)
        try await running(site.relay) { try await site.received.wait { $0.count == 20 } }
        let epoch = try await DatabaseEventLog(site.database).epoch
        try await site.database.beginNewLog(replacing: epoch) { _ in }
        var configuration = Relay.Configuration()
        configuration.repeated = 5
        let relay = Relay(database: site.database, bus: site.bus, configuration: configuration)
        try await running(relay) {
            try await site.received.wait { $0.count == 25 }
            try await site.append(21...21)
            try await site.received.wait { $0.count == 26 }
        }
        #expect(site.received.numbers == Array(1...20) + Array(16...21))
        await site.database.close()
    }

    @Test func `a bus that fails gets the same events again`() async throws {
        struct Flaky: Bus {
            struct Down: Error {}
            let bus: LocalBus
            let calls = Metrics().counter("calls", help: "")

            func publish(_ events: [Event]) async throws {
                calls.increment()
                if calls.value % 3 != 0 { throw Down() }
                try await bus.publish(events)
            }

            func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> BusSubscription {
                bus.subscribe(receive)
            }
        }
        let site = try await Site()
        try await site.append(1...10)
        var configuration = Relay.Configuration()
        configuration.batch = 2
        configuration.backoff = Backoff(base: .milliseconds(1), limit: .milliseconds(2))
        let relay = Relay(database: site.database, bus: Flaky(bus: site.bus), configuration: configuration)
        try await running(relay) { try await site.received.wait { $0.count >= 10 } }
        #expect(site.received.numbers == Array(1...10))
        await site.database.close()
    }

    @Test func `the relay removes old events, but none that it has not published`() async throws {
        let site = try await Site()
        try await site.append(1...30)
        var configuration = Relay.Configuration()
        configuration.retention.count = 5
        configuration.retention.batch = 4
        configuration.cleaning = .milliseconds(5)
        let relay = Relay(database: site.database, bus: site.bus, configuration: configuration)
        let log = try await DatabaseEventLog(site.database)
        try await running(relay) {
            try await eventually { try await log.oldestNumber == 26 }
            try await site.append(31...33)
            try await eventually { try await log.oldestNumber == 29 }
            try await site.received.wait { $0.count == 33 }
        }
        #expect(site.received.numbers == Array(1...33))
        #expect(try await log.read(after: 0, limit: 100).map(\.number) == Array(29...33))
        await site.database.close()
    }
}

/// Runs a service while `body` does its work, then stops it.
func running(_ service: any Service, _ body: () async throws -> Void) async throws {
    let task = Task { try await service.run() }
    do {
        try await body()
    } catch {
        task.cancel()
        _ = await task.result
        throw error
    }
    task.cancel()
    try await task.value
}
