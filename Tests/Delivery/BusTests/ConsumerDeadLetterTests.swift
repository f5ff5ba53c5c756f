import Bus
import Core
import EventLoop
import Store
import Synchronization
import Testing
import TestSupport

/// Events that can't be handled, and weather in which none can.
struct ConsumerDeadLetterTests {
    enum Engine: CaseIterable, Sendable { case sqlite, postgres }

    private static let loops = EventLoopGroup(count: 1)

    /// Nothing is wrong with the world: it's the event.
    private struct Fault: Error, CustomStringConvertible {
        var description = "this event is no good"
    }

    /// A migrated database of one test's own, with events from 1.
    private struct Site {
        let folder: TemporaryFolder
        let database: any Database
        let bus = LocalBus()
        let metrics = Metrics()
        let lines = Lines()

        init(_ engine: Engine, events: Int) async throws {
            folder = try TemporaryFolder()
            switch engine {
            case .sqlite:
                database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
            case .postgres:
                let url = try await PostgresServer.shared.url()
                database = try await PostgresDatabase.open(
                    PostgresConfiguration(url: Secret(url)), group: ConsumerDeadLetterTests.loops)
            }
            try await database.migrate([])
            for number in 1...events {
                try await database.transaction { transaction in
                    try await transaction.append(
                        EventDraft(topic: "t/\(number)", kind: "k", payload: #"{"n":\#(number)}"#))
                }
            }
        }

        func consumer(
            attempts: Int = 3, letters: Int = 100, poll: Duration = .seconds(3600),
            handle: @escaping @Sendable (Event) async throws -> Void
        ) async throws -> Consumer {
            var configuration = Consumer.Configuration()
            configuration.poll = poll
            configuration.save = .seconds(3600)
            configuration.batch = 4
            configuration.attempts = attempts
            configuration.deadLetters = letters
            configuration.backoff = Backoff(base: .milliseconds(1), limit: .milliseconds(2))
            return Consumer(
                name: "reader", database: database, events: try await DatabaseEventLog(database), bus: bus,
                configuration: configuration, log: Log { [lines] in lines.add($0) }, metrics: metrics, handle: handle)
        }

        var summary: [DeadLetters.Summary] { get async throws { try await DeadLetters(database).summary() } }

        /// As somebody would who looked into the table.
        func sql(_ statement: String) async throws {
            try await database.transaction { try await $0.execute(statement) }
        }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        func count(_ text: String) -> Int { lines.withLock { $0.count { $0.contains(text) } } }
    }

    @Test(arguments: Engine.allCases)
    func `an event that can't be handled goes to the dead letters, and the others go on`(engine: Engine) async throws {
        let site = try await Site(engine, events: 6)
        let (handled, attempts) = (Received(), Received())
        let begun = TimeSource.system.milliseconds
        try await running(
            try await site.consumer { event in
                attempts.record([event])
                if event.number == 3 || event.number == 6 { throw Fault() }
                handled.record([event])
            }
        ) {
            try await eventually { try await site.summary.first?.count == 2 }
        }
        #expect(handled.numbers == [1, 2, 4, 5])
        #expect(attempts.numbers == [1, 2, 3, 3, 3, 4, 5, 6, 6, 6])
        let rows = try await site.database.read { reader in
            try await reader.query("SELECT * FROM store_dead_letters ORDER BY number")
        }
        #expect(try rows.map { try $0["number", as: Int64.self] } == [3, 6])
        #expect(try rows[0]["consumer"] == "reader" && rows[0]["topic"] == "t/3" && rows[0]["kind"] == "k")
        #expect(try rows[0]["payload"] == #"{"n":3}"# && rows[0]["error"] == "this event is no good")
        #expect(try rows[0]["attempts"] == Int64(3))
        let summary = try await site.summary
        #expect(summary.map(\.consumer) == ["reader"] && summary[0].since >= begun)
        let line = "an event could not be handled and becomes a dead letter"
        #expect(site.lines.count("\(line) consumer=reader number=3 ") == 1)
        #expect(site.metrics.rendered().contains(#"tandem_consumer_dead_letters_total{consumer="reader"} 2"#))
        await site.database.close()
    }

    @Test(arguments: Engine.allCases)
    func `what went to the dead letters isn't tried again after a crash`(engine: Engine) async throws {
        let site = try await Site(engine, events: 3)
        let attempts = Received()
        let dead = try await site.consumer { event in
            attempts.record([event])
            if event.number == 2 { throw Fault() }
            // The position isn't saved by anything but the dead letter, as if the process died here.
            if event.number == 3 { try await Task.sleep(for: .seconds(3600)) }
        }
        let epoch = try await DatabaseEventLog(site.database).epoch
        try await running(dead) {
            try await attempts.wait { $0.last?.number == 3 }
            #expect(try await Positions(site.database).find("reader", epoch: epoch) == 2)
        }
        let handled = Received()
        try await running(try await site.consumer { handled.record([$0]) }) { try await handled.wait { !$0.isEmpty } }
        #expect(handled.numbers == [3])
        #expect(try await site.summary.map(\.count) == [1])
        await site.database.close()
    }

    @Test(
        arguments: [
            StoreError(.unavailable, "away"), StoreError(.busy, "busy"), StoreError(.diskFull, "full"),
            AwayError(), CancellationError(),
        ] as [any Error])
    func `nothing goes to the dead letters because of the weather`(weather: any Error) async throws {
        let site = try await Site(.sqlite, events: 3)
        let (handled, attempts) = (Received(), Received())
        try await running(
            try await site.consumer(attempts: 2) { event in
                attempts.record([event])
                if event.number == 2 {
                    let count = attempts.numbers.count { $0 == 2 }
                    // One of its own among many of the weather's.
                    if count == 4 { throw Fault() }
                    if count < 20 { throw weather }
                }
                handled.record([event])
            }
        ) {
            try await handled.wait { $0.count == 3 }
        }
        #expect(handled.numbers == [1, 2, 3])
        #expect(attempts.numbers.count == 22)
        #expect(try await site.summary.isEmpty)
        await site.database.close()
    }

    /// Any module's error that calls itself temporary.
    private struct AwayError: CodedError {
        let code = "somewhere_unavailable"
        let message = "It's away."
        let isTemporary = true
    }

    @Test func `a dead letter that can't be kept at once is kept later`() async throws {
        let site = try await Site(.sqlite, events: 2)
        let handled = Received()
        try await running(
            try await site.consumer(attempts: 1) { event in
                if event.number == 1 {
                    try await site.sql("ALTER TABLE store_dead_letters RENAME TO elsewhere")
                    throw Fault()
                }
                handled.record([event])
            }
        ) {
            try await eventually { site.lines.count("failed to keep a dead letter, trying again") > 1 }
            #expect(handled.numbers.isEmpty)
            try await site.sql("ALTER TABLE elsewhere RENAME TO store_dead_letters")
            try await handled.wait { $0.count == 1 }
        }
        #expect(try await site.summary.map(\.count) == [1])
        await site.database.close()
    }

    @Test(arguments: Engine.allCases)
    func `dead letters are tried again when somebody says so`(engine: Engine) async throws {
        let site = try await Site(engine, events: 4)
        let isMended = Atomic<Bool>(false)
        let (handled, attempts) = (Received(), Received())
        let handle: @Sendable (Event) async throws -> Void = { event in
            attempts.record([event])
            if event.number == 3 || event.number < 3 && !isMended.load(ordering: .relaxed) { throw Fault() }
            handled.record([event])
        }
        try await running(try await site.consumer(poll: .milliseconds(20), handle: handle)) {
            try await handled.wait { $0.count == 1 }
            isMended.store(true, ordering: .relaxed)
            // The log need not have them any more.
            try await site.sql("DELETE FROM store_events WHERE number <= 3")
            try await site.sql("UPDATE store_dead_letters SET again = 1")
            // Until what became of the last attempt is written down.
            try await eventually {
                let left = try await site.database.read { try await $0.query("SELECT * FROM store_dead_letters") }
                return try left.count == 1 && !left[0]["again", as: Bool.self]
            }
        }
        #expect(handled.numbers == [4, 1, 2])
        #expect(handled.all.map(\.payload) == [#"{"n":4}"#, #"{"n":1}"#, #"{"n":2}"#])
        let left = try await site.database.read { try await $0.query("SELECT * FROM store_dead_letters") }
        #expect(try left.count == 1 && left[0]["number"] == Int64(3) && left[0]["attempts"] == Int64(6))
        #expect(try left.first?["again", as: Bool.self] == false)
        // At a start they're looked for at once.
        try await site.sql("UPDATE store_dead_letters SET again = 1")
        try await running(try await site.consumer { handled.record([$0]) }) {
            try await eventually { try await site.summary.isEmpty }
        }
        #expect(handled.numbers == [4, 1, 2, 3])
        await site.database.close()
    }

    @Test(arguments: Engine.allCases)
    func `only the newest dead letters are kept`(engine: Engine) async throws {
        let site = try await Site(engine, events: 9)
        try await running(try await site.consumer(attempts: 1, letters: 4) { _ in throw Fault() }) {
            try await eventually { site.lines.count("becomes a dead letter") == 9 }
            try await eventually {
                let rows = try await site.database.read { reader in
                    try await reader.query("SELECT number FROM store_dead_letters ORDER BY number")
                }
                return try rows.map { try $0["number", as: Int64.self] } == [6, 7, 8, 9]
            }
        }
        await site.database.close()
    }
}
