import Core
import Store
import Synchronization
import Testing
import TestSupport

/// Which transactions run side by side, and how their events get their numbers.
struct PostgresLocksTests {
    private let draft = EventDraft(topic: "t", kind: "k", payload: "{}")

    private func open(_ count: Int) async throws -> (server: PostgresServer, name: String, [PostgresDatabase]) {
        let server = try await PostgresServer.shared
        let name = try await server.newDatabase()
        var databases: [PostgresDatabase] = []
        for _ in 0..<count { databases.append(try await server.open(try await server.url(name))) }
        try await databases[0].migrate([DatabaseConformance.tables])
        return (server, name, databases)
    }

    @Test(arguments: [
        ([Lock.exclusive("thing", 1)], [Lock.exclusive("thing", 2)]), ([.shared("thing", 1)], [.shared("thing", 1)]),
        ([.exclusive("thing", 1), .shared("place", 7)], [.shared("place", 7), .exclusive("thing", 2)]),
        ([], [.exclusive("thing", 1)]),
    ])
    func `transactions whose locks don't exclude each other meet`(_ one: [Lock], _ other: [Lock]) async throws {
        let (_, _, databases) = try await open(2)
        for pair in [(0, 0), (0, 1)] {
            let meeting = [Latch(), Latch()]
            try await withThrowingTaskGroup { group in
                for (index, locks) in [one, other].enumerated() {
                    let database = databases[index == 0 ? pair.0 : pair.1]
                    group.addTask {
                        try await database.transaction(locking: locks) { transaction in
                            _ = try await transaction.query("SELECT 1")
                            meeting[index].open()
                            // Would wait for ever if the other one waited for this one's end.
                            await meeting[1 - index].wait()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        for database in databases { await database.close() }
    }

    @Test(arguments: [
        ([Lock.exclusive("thing", 1)], [Lock.exclusive("thing", 1)]),
        ([.exclusive("a", 1), .exclusive("b", 1)], [.exclusive("b", 1), .exclusive("a", 1)]),
        (nil, [.exclusive("thing", 1)]), (nil, nil),
    ])
    func `transactions whose locks exclude each other follow one another`(
        _ one: [Lock]?, _ other: [Lock]?
    ) async throws {
        let (_, _, databases) = try await open(2)
        try await databases[0].transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        try await withThrowingTaskGroup { group in
            for index in 0..<60 {
                group.addTask {
                    let locks = index % 3 == 0 ? one : other
                    try await databases[index % 2].transaction(locking: locks) { transaction in
                        let amount = try await amount(transaction)
                        await Task.yield()
                        try await transaction.execute(
                            "UPDATE things SET amount = $1 WHERE id = 1", [.integer(amount + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await databases[0].read { try await amount($0) } == 60)
        for database in databases { await database.close() }
    }

    @Test func `what is locked for sharing stays as it is`() async throws {
        let (_, _, databases) = try await open(2)
        try await databases[0].transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        try await withThrowingTaskGroup { group in
            for index in 0..<60 {
                group.addTask {
                    if index % 3 == 0 {
                        try await databases[index % 2].transaction(locking: [.exclusive("thing", 1)]) {
                            try await $0.execute("UPDATE things SET amount = amount + 1 WHERE id = 1")
                        }
                    } else {
                        try await databases[index % 2].transaction(locking: [.shared("thing", 1)]) { transaction in
                            let before = try await amount(transaction)
                            await Task.yield()
                            #expect(try await amount(transaction) == before)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await databases[0].read { try await amount($0) } == 20)
        for database in databases { await database.close() }
    }

    private func amount(_ reading: any Reading) async throws -> Int64 {
        try await reading.query("SELECT amount FROM things WHERE id = 1")[0]["amount"]
    }

    @Test(arguments: [
        (Lock.exclusive("thing", 1), Lock.exclusive("thing", 1)), (.exclusive("thing", 1), .shared("thing", 1)),
        (.shared("thing", 1), .exclusive("thing", 1)),
    ])
    func `those who wait for one busy thing leave the connections to the others`(
        _ lock: Lock, _ wanted: Lock
    ) async throws {
        let server = try await PostgresServer.shared
        let database = try await server.open(try await server.url()) { $0.writers = 2 }
        let (held, release) = (Latch(), Latch())
        let holder = Task {
            try await database.transaction(locking: [lock]) { transaction in
                _ = try await transaction.query("SELECT 1")
                held.open()
                await release.wait()
            }
        }
        await held.wait()
        let waiting = (0..<20).map { _ in
            Task { try await database.transaction(locking: [wanted]) { _ = try await $0.query("SELECT 1") } }
        }
        for _ in 0..<5 {
            try await database.transaction(locking: [.exclusive("thing", 2), .shared("place", 7)]) {
                _ = try await $0.query("SELECT 1")
            }
        }
        release.open()
        try await holder.value
        for task in waiting { try await task.value }
        await database.close()
    }

    @Test func `who writes alone doesn't wait for all who wait for one busy thing`() async throws {
        let (_, _, databases) = try await open(1)
        let database = databases[0]
        let (held, release) = (Latch(), Latch())
        let order = Recorder<Int>()
        let holder = Task {
            try await database.transaction(locking: [.exclusive("thing", 1)]) { transaction in
                _ = try await transaction.query("SELECT 1")
                held.open()
                await release.wait()
            }
        }
        await held.wait()
        let waiting = (1...20).map { number in
            Task {
                try await database.transaction(locking: [.exclusive("thing", 1)]) { transaction in
                    _ = try await transaction.query("SELECT 1")
                    order.record(number)
                }
            }
        }
        for _ in 0..<20 { _ = try await database.read { try await $0.query("SELECT 1") } }
        let alone = Task {
            try await database.transaction { transaction in
                _ = try await transaction.query("SELECT 1")
                order.record(0)
            }
        }
        for _ in 0..<20 { _ = try await database.read { try await $0.query("SELECT 1") } }
        release.open()
        try await holder.value
        try await alone.value
        #expect(order.elements.firstIndex(of: 0) ?? .max < 10)
        for task in waiting { try await task.value }
        await database.close()
    }

    @Test func `whoever gives up waiting lets those behind pass`() async throws {
        let (_, _, databases) = try await open(1)
        let (held, release) = (Latch(), Latch())
        let holder = Task {
            try await databases[0].transaction(locking: [.shared("thing", 1)]) { transaction in
                _ = try await transaction.query("SELECT 1")
                held.open()
                await release.wait()
            }
        }
        await held.wait()
        let alone = Task {
            try await databases[0].transaction(locking: [.exclusive("thing", 1)]) { _ = try await $0.query("SELECT 1") }
        }
        let behind = (0..<3).map { _ in
            Task {
                // By now the other waits.
                _ = try await databases[0].read { try await $0.query("SELECT 1") }
                try await databases[0].transaction(locking: [.shared("thing", 1)]) {
                    _ = try await $0.query("SELECT 1")
                }
            }
        }
        _ = try await databases[0].read { try await $0.query("SELECT 1") }
        alone.cancel()
        await #expect(throws: CancellationError.self) { try await alone.value }
        for task in behind { try await task.value }
        release.open()
        try await holder.value
        await databases[0].close()
    }

    @Test func `an event that a process left behind is numbered by another, and counts as settled before`() async throws
    {
        let (server, name, databases) = try await open(1)
        let log = try await DatabaseEventLog(databases[0])
        let insert = "INSERT INTO store_outbox (tag, topic, kind, payload, time) VALUES (7, 't', 'k', '{}', 1)"
        try await server.sql(insert, in: name)
        #expect(try await log.settledNumber == 1)
        let rung = Latch()
        let listening = Task {
            for await _ in databases[0].eventsCommitted.listen() {
                if try await log.lastNumber == 2 { rung.open() }
            }
        }
        try await server.sql(insert, in: name)
        await rung.wait()
        #expect(try await log.read(after: 0, limit: 10).map(\.number) == [1, 2])
        listening.cancel()
        await databases[0].close()
    }

    @Test func `a transaction that commits while the database is being closed returns`() async throws {
        let (_, _, databases) = try await open(2)
        let (begun, release) = (Latch(), Latch())
        let last = Task {
            try await databases[0].transaction(locking: []) { transaction in
                _ = try await transaction.query("SELECT 1")
                begun.open()
                await release.wait()
                return try await transaction.append(draft)
            }
        }
        await begun.wait()
        let closing = Task { await databases[0].close() }
        await expect(.unavailable) {
            // Until it is closed to newcomers.
            while true { try await databases[0].transaction(locking: []) { _ = try await $0.query("SELECT 1") } }
        }
        release.open()
        // Whether it has a number by now or not.
        _ = try await last.value
        await closing.value
        #expect(try await databases[1].settle() == 1)
        await databases[1].close()
    }

    @Test func `numbers are kept back rather than events lost when the counter is missing`() async throws {
        let (server, name, databases) = try await open(1)
        try await server.sql("DELETE FROM store_event_counter", in: name)
        let event = try await databases[0].transaction(locking: []) { try await $0.append(draft) }
        #expect(event.number == nil)
        try await server.sql("INSERT INTO store_event_counter (id, last_number) VALUES (1, 0)", in: name)
        #expect(try await databases[0].settle() == 1)
        await databases[0].close()
    }

    @Test func `no effect has a smaller number than its cause, whoever appends it`() async throws {
        let (_, _, databases) = try await open(3)
        try await withThrowingTaskGroup { group in
            for chain in 0..<12 {
                group.addTask {
                    for link in 0..<20 {
                        let event = EventDraft(topic: "chain/\(chain)", kind: "k", payload: #"{"link":\#(link)}"#)
                        try await databases[(chain + link) % 3].transaction(locking: []) { transaction in
                            try await transaction.append(event)
                            if Bool.random() { try await transaction.append(draft) }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let log = try await DatabaseEventLog(databases[0])
        let events = try await log.read(after: 0, limit: 10_000)
        #expect(events.map(\.number) == (1...Int64(events.count)).map(\.self))
        for chain in 0..<12 {
            let links = events.filter { $0.topic == "chain/\(chain)" }.map(\.payload)
            #expect(links == (0..<20).map { #"{"link":\#($0)}"# })
        }
        for database in databases { await database.close() }
    }

    @Test func `the number of an event is known once its transaction has returned`() async throws {
        let (_, _, databases) = try await open(2)
        let numbers = try await withThrowingTaskGroup { group in
            for index in 0..<100 {
                group.addTask {
                    try await databases[index % 2].transaction(locking: []) { try await $0.append(draft) }.number
                }
            }
            return try await group.reduce(into: [Int64?]()) { $0.append($1) }
        }
        #expect(numbers.compactMap(\.self).sorted() == Array(1...100))
        for database in databases { await database.close() }
    }

    @Test func `what is enqueued is run in order with what is awaited, and spoils the transaction when it fails`()
        async throws
    {
        let (_, _, databases) = try await open(1)
        let database = databases[0]
        let rows = try await database.transaction(locking: []) { transaction in
            try await transaction.enqueue("INSERT INTO things (id, amount) VALUES (1, 2)", [])
            try await transaction.enqueue("UPDATE things SET amount = amount + 1 WHERE id = 1", [])
            return try await transaction.query("SELECT amount FROM things WHERE id = 1")
        }
        #expect(rows[0].values == [3])
        await expect(.uniqueViolation) {
            try await database.transaction(locking: []) { transaction in
                try await transaction.enqueue("INSERT INTO things (id) VALUES (2)", [])
                try await transaction.enqueue("INSERT INTO things (id) VALUES (1)", [])
                try await transaction.append(draft)
            }
        }
        #expect(try await database.read { try await $0.query("SELECT id FROM things") }.count == 1)
        #expect(try await database.settle() == 0)
        await database.close()
    }
}
