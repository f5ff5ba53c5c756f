import Core
import Dispatch
import EventLoop
import Foundation
import Store
import Synchronization
import Testing
import TestSupport

/// Several processes, or objects that stand for them, on one database.
struct PostgresProcessesTests {
    private let draft = EventDraft(topic: "t", kind: "k", payload: "{}")

    private func open(_ count: Int) async throws -> [PostgresDatabase] {
        let server = try await PostgresServer.shared
        let url = try await server.url()
        var databases: [PostgresDatabase] = []
        for _ in 0..<count { databases.append(try await server.open(url) { $0.readers = 2 }) }
        return databases
    }

    @Test func `processes that meet on an empty database all open it`() async throws {
        let server = try await PostgresServer.shared
        for _ in 0..<5 {
            let url = try await server.url()
            try await withThrowingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask { try await server.open(url) { $0.readers = 1 }.close() }
                }
                try await group.waitForAll()
            }
        }
    }

    /// What stands still while its connections stay open: a stopped process, a blocked loop, tasks that get no turn.
    @Test(arguments: [0, 1])
    func `a leader whose loop stands still is replaced, also if its connections are on another one`(blocked: Int)
        async throws
    {
        let server = try await PostgresServer.shared
        let url = try await server.url()
        let loops = EventLoopGroup(count: 2)
        var configuration = PostgresConfiguration(url: Secret(url))
        configuration.leadTimeout = .seconds(2)
        let still = try await PostgresDatabase.open(configuration, group: loops)
        let other = try await server.open(url) { $0.leadTimeout = .seconds(2) }
        let lease = try await still.lead("something")
        // One that works is left alone, however long others wait.
        let waiting = Task { try await other.lead("something") }
        try await Task.sleep(for: .seconds(4))
        #expect(lease.isHeld)
        let blocking = DispatchSemaphore(value: 0)
        loops.loops[blocked].execute { blocking.wait() }
        let taken = try await waiting.value
        #expect(taken.isHeld)
        blocking.signal()
        try await eventually("the loss of the lead") { !lease.isHeld }
        #expect(taken.isHeld)
        await still.close()
        await other.close()
        await loops.shutdown()
    }

    @Test
    func `a writer that stands still holds up those who change the same for three seconds, and goes on by itself`()
        async throws
    {
        let databases = try await open(2)
        try await databases[0].migrate([DatabaseConformance.tables])
        let (begun, goes) = (Latch(), Latch())
        let tries = Atomic<Int>(0)
        let still = Task {
            try await databases[0].transaction(locking: [.exclusive("thing", 1)]) { transaction in
                try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(1)])
                begun.open()
                if tries.add(1, ordering: .relaxed).newValue == 1 { await goes.wait() }
            }
        }
        await begun.wait()
        // Others don't wait at all: this would take as long as the other one's try.
        try await databases[1].transaction(locking: [.exclusive("thing", 2)]) { transaction in
            try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(2)])
        }
        let start = ContinuousClock.now
        try await databases[1].transaction(locking: [.exclusive("thing", 1)]) { transaction in
            let rows = try await transaction.query("SELECT id FROM things WHERE id = 1")
            #expect(rows.isEmpty)
        }
        #expect(ContinuousClock.now - start < .seconds(8))
        goes.open()
        try await still.value
        #expect(tries.load(ordering: .relaxed) == 2)
        let rows = try await databases[1].query(Statement("SELECT id FROM things WHERE id = 1"))
        #expect(rows.count == 1)
        for database in databases { await database.close() }
    }

    @Test func `processes that start at once migrate once`() async throws {
        let databases = try await open(4)
        let applied = try await withThrowingTaskGroup { group in
            for database in databases { group.addTask { try await database.migrate([DatabaseConformance.tables]) } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(applied.sorted() == [0, 0, 0, 4])
        for database in databases { await database.close() }
    }

    @Test func `events are numbered in the order of commits without gaps, whoever appends them`() async throws {
        let databases = try await open(3)
        try await databases[0].migrate([DatabaseConformance.tables])
        let seen = Mutex<[Int64]>([])
        let reading = Task {
            // Follows the log as a relay does: what comes later must have a greater number.
            let log = try await DatabaseEventLog(databases[2])
            while seen.withLock({ $0.last ?? 0 }) < 200 {
                let events = try await log.read(after: seen.withLock { $0.last ?? 0 }, limit: 1000)
                seen.withLock { $0 += events.map(\.number) }
            }
        }
        let numbers = try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask { () -> Int64? in
                    struct Refusal: Error {}
                    let event = try? await databases[number % 2].transaction(locking: []) { transaction in
                        try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(Int64(number))])
                        let event = try await transaction.append(
                            EventDraft(topic: "t", kind: "k", payload: #"{"n":\#(number)}"#))
                        await Task.yield()
                        if Int.random(in: 0..<5) == 0 { throw Refusal() }
                        return event
                    }
                    return event?.number
                }
            }
            return try await group.reduce(into: [Int64]()) { if let number = $1 { $0.append(number) } }
        }
        let count = Int64(numbers.count)
        #expect(numbers.sorted() == Array(1...count))
        // Up to 200 in place of those that were refused.
        for _ in count..<200 {
            try await databases[0].transaction(locking: []) {
                try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
            }
        }
        try await reading.value
        #expect(seen.withLock { $0 } == Array(1...200))
        for database in databases { await database.close() }
    }

    @Test func `a commit of another process rings here`() async throws {
        let databases = try await open(2)
        try await databases[0].migrate([])
        let rung = Sequence()
        let listening = Task { for await _ in databases[1].eventsCommitted.listen() { _ = rung.next() } }
        try await eventually("a ring") {
            try await databases[0].transaction { try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}")) }
            return rung.current > 1
        }
        listening.cancel()
        for database in databases { await database.close() }
    }

    @Test func `one leads at a time, and the next when it lets go`() async throws {
        let databases = try await open(3)
        let leaders = Occupancy()
        try await withThrowingTaskGroup { group in
            for database in databases + databases {
                group.addTask {
                    for _ in 0..<3 {
                        let lease = try await database.lead("matter")
                        leaders.enter()
                        for _ in 0..<10 { await Task.yield() }
                        leaders.leave()
                        lease.release()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(leaders.most == 1)
        // Another matter is another's.
        let (one, two) = (try await databases[0].lead("one"), try await databases[1].lead("two"))
        #expect(one.isHeld && two.isHeld)
        let waiting = Task { try await databases[1].lead("one") }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let closing = Task { try await databases[2].lead("one") }
        await databases[2].close()
        await expect(.unavailable) { try await closing.value }
        await databases[0].close()
        await one.ended()
        #expect(!one.isHeld)
        await databases[1].close()
    }

    @Test func `whoever lets go of a lease without a word has released it`() async throws {
        let databases = try await open(2)
        var lease: Lease? = try await databases[0].lead("matter")
        #expect(lease?.isHeld == true)
        lease = nil
        #expect(try await databases[1].lead("matter").isHeld)
        for database in databases { await database.close() }
    }

    @Test func `a lead is lost with the connection, and taken again`() async throws {
        let server = try await PostgresServer()
        let database = try await server.open()
        let lease = try await database.lead("matter")
        server.stop()
        await lease.ended()
        #expect(!lease.isHeld)
        try await server.start()
        #expect(try await database.lead("matter").isHeld)
        await database.close()
    }

    @Test func `numbering goes on when its connection is lost, and costs no lead`() async throws {
        let server = try await PostgresServer.shared
        let name = try await server.newDatabase()
        let database = try await server.open(try await server.url(name))
        try await database.migrate([DatabaseConformance.tables])
        let log = try await DatabaseEventLog(database)
        let lease = try await database.lead("matter")
        for number in Int64(1)...3 {
            try await database.transaction(locking: []) { try await $0.append(draft) }
            try await eventually("the event's number") { try await log.lastNumber == number }
            let ended = try await server.sql(
                """
                SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name LIKE '% numbering'
                """, in: name)
            #expect(ended == "t\n")
            // There is another one before the next is ended.
            try await eventually("numbering") { (try? await log.settledNumber) == number }
        }
        #expect(lease.isHeld)
        await database.close()
    }

    @Test func `a slow round of numbering costs no lead`() async throws {
        let server = try await PostgresServer.shared
        let name = try await server.newDatabase()
        let database = try await server.open(try await server.url(name))
        try await database.migrate([DatabaseConformance.tables])
        try await server.sql(
            """
            CREATE FUNCTION crawl() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NULL; END';
            CREATE TRIGGER crawl BEFORE INSERT ON store_events FOR EACH STATEMENT EXECUTE FUNCTION crawl()
            """, in: name)
        let log = try await DatabaseEventLog(database)
        let lease = try await database.lead("matter")
        let event = try await database.transaction(locking: []) { try await $0.append(draft) }
        #expect(event.number == nil)
        try await eventually("the event's number") { try await log.lastNumber == 1 }
        #expect(lease.isHeld)
        await database.close()
    }

    @Test func `when the leader's process is killed, another leads within two seconds`() async throws {
        let server = try await PostgresServer.shared
        let folder = try TemporaryFolder()
        let url = try await server.url()
        let file = folder.file("leads")
        let database = try await server.open(url)
        let next = Task { () -> ContinuousClock.Instant in
            // The other is first.
            try await eventually("the other's lead") { FileManager.default.fileExists(atPath: file) }
            let lease = try await database.lead("matter")
            return lease.isHeld ? .now : .now + .seconds(3600)
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [url = url as String, file = file as String] in
            let database = try await PostgresDatabase.open(PostgresConfiguration(url: Secret(url)), group: loops)
            let lease = try await database.lead("matter")
            try "yes".write(toFile: file, atomically: true, encoding: .utf8)
            // Until the other stands in line.
            try await Task.sleep(for: .seconds(1))
            withExtendedLifetime(lease) { _ = kill(getpid(), SIGKILL) }
        }
        let killed = ContinuousClock.now
        let taken = try await next.value - killed
        #expect(taken < .seconds(2), "\(taken)")
        await database.close()
    }
}

/// How many are somewhere at once.
private final class Occupancy: Sendable {
    private let counts = Mutex((now: 0, most: 0))
    var most: Int { counts.withLock { $0.most } }
    func enter() { counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
    func leave() { counts.withLock { $0.now -= 1 } }
}
