import Core
import Store
import Synchronization
import Testing
import TestSupport

struct ReadMemoryTests {
    @Test func `nothing is believed without a hub, nor without a proof of less than a second ago`() async throws {
        let rig = Rig(isConnected: false)
        #expect(try await rig.read("a") == 1)
        #expect(!rig.memory.mayAnswer(nil))
        try await Rig.run { rig in
            #expect(rig.memory.mayAnswer(nil))
            #expect(try await rig.read("a") == 1)
            rig.log.isAway = true
            rig.time.advance(by: .milliseconds(500))
            try await rig.time.waitForSleepers()
            #expect(try await rig.read("a") == 1, "the proof still holds")
            rig.time.advance(by: .milliseconds(500))
            #expect(!rig.memory.mayAnswer(nil))
            #expect(try await rig.read("a") == 2)
            // The attempt that was due has failed, and the next one is not due yet.
            try await rig.time.waitForSleepers()
            rig.log.isAway = false
            rig.time.advance(by: .milliseconds(400))
            try await rig.prove()
            #expect(try await rig.read("a") == 2)
        }
    }

    @Test func `an event makes what it's about be read again, and nothing else`() async throws {
        try await Rig.run { rig in
            for key in ["a", "b"] { #expect(try await rig.read(key) == 1) }
            for noise in 0..<5000 { try rig.happens("noise \(noise)") }
            for key in ["a", "b"] { #expect(try await rig.read(key) == 1) }
            try rig.happens("a")
            #expect(try await rig.read("a") == 2)
            #expect(try await rig.read("b") == 1)
        }
    }

    @Test func `a change begins the proof that those who hear of it are about to need`() async throws {
        try await Rig.run { rig in
            try await rig.time.waitForSleepers()
            let asked = rig.log.questions.load(ordering: .relaxed)
            rig.time.advance(by: .seconds(2))
            try rig.happens("a")
            try await eventually("a question") { rig.log.questions.load(ordering: .relaxed) > asked }
            try await rig.prove()
        }
    }

    @Test func `what was read before a change and arrives after it is not remembered`() async throws {
        try await Rig.run { rig in
            let read = try await rig.table.value(for: "a", seen: nil, about: ["a"]) {
                try rig.happens("a")
                return ReadTable.Read(0, bytes: 1)
            }
            #expect(read == 0)
            #expect(rig.table.remembered("a", seen: nil) == nil)
            // Also if what it's about only becomes known by reading it.
            _ = try await rig.table.value(for: "b", seen: nil, about: []) {
                try rig.happens("b")
                return ReadTable.Read(0, about: ["b"], bytes: 1)
            }
            #expect(rig.table.remembered("b", seen: nil) == nil)
        }
    }

    @Test func `a client that has seen an event that hasn't come yet isn't answered from memory`() async throws {
        try await Rig.run { rig in
            #expect(try await rig.read("a") == 1)
            let now = rig.log.cursor(at: try await rig.log.lastNumber)
            #expect(try await rig.read("a", seen: now) == 1)
            rig.holdsBack.withLock { $0 = true }
            try rig.happens("a")
            let later = rig.log.cursor(at: now.number + 1)
            #expect(try await rig.read("a", seen: later) == 2)
            #expect(try await rig.read("a", seen: Cursor(epoch: "other", number: 0)) == 3)
            // A second at most for one that says nothing.
            #expect(rig.memory.mayAnswer(nil))
            rig.time.advance(by: .milliseconds(600))
            try await rig.time.waitForSleepers()
            rig.time.advance(by: .milliseconds(400))
            #expect(!rig.memory.mayAnswer(nil), "the log has grown since the last proof")
            rig.release()
            #expect(rig.memory.mayAnswer(later))
            #expect(try await rig.read("a", seen: later) == 4)
        }
    }

    @Test func `what this process commits itself is read again at once`() async throws {
        try await Rig.run { rig async throws in
            #expect(try await rig.read("a") == 1)
            rig.memory.committed([EventDraft(topic: "a", kind: "k", payload: "{}")])
            #expect(try await rig.read("a") == 2)
        }
    }

    @Test func `when events are missing everything counts as changed`() async throws {
        try await Rig.run { rig in
            #expect(try await rig.read("a") == 1)
            let last = try await rig.log.lastNumber
            rig.memory.took([Event(number: last + 2, topic: "b", kind: "k", payload: "{}", time: 0)])
            #expect(try await rig.read("a") == 2)
        }
    }

    @Test func `what was read before events were missing stays given up, however much changes afterwards`()
        async throws
    {
        try await Rig.run { rig in
            for number in 0..<70_000 { try rig.happens("x\(number)") }
            #expect(try await rig.read("old") == 1)
            let last = try await rig.log.lastNumber
            rig.memory.begin(at: last)
            for number in 70_000..<140_000 { try rig.happens("x\(number)") }
            #expect(try await rig.read("old") == 2)
        }
    }

    @Test func `who joins another's question is not answered from before a change that only its answer shows`()
        async throws
    {
        try await Rig.run { rig in
            let (begun, gate) = (Latch(), Latch())
            let asked = Mutex(0)
            let read = { @Sendable () async throws -> Int? in
                try await rig.table.value(for: "a", seen: nil, about: []) {
                    let number = asked.withLock { asked in
                        asked += 1
                        return asked
                    }
                    if number == 1 {
                        begun.open()
                        await gate.wait()
                    }
                    return ReadTable.Read(number, about: ["shown"], bytes: 1)
                }
            }
            try await withThrowingTaskGroup(of: Int?.self) { tasks in
                defer { gate.open() }
                tasks.addTask { try await read() }
                await begun.wait()
                try rig.happens("shown")
                let late = Task { try await read() }
                try await eventually("the other waits") { rig.misses == 2 }
                gate.open()
                #expect(try await late.value == 2)
                #expect(try await tasks.next() == 1)
            }
        }
    }

    @Test func `what was read before more changes than are kept is given up`() async throws {
        try await Rig.run { rig in
            #expect(try await rig.read("old") == 1)
            for number in 0..<70_000 { try rig.happens("x\(number)") }
            #expect(try await rig.read("new") == 1)
            for number in 70_000..<140_000 { try rig.happens("x\(number)") }
            #expect(try await rig.read("old") == 2)
            #expect(try await rig.read("new") == 1)
        }
    }

    @Test func `memory is bounded, and what is used stays longest`() async throws {
        try await Rig.run { rig in
            for number in 0..<2000 {
                _ = try await rig.read("\(number)", bytes: 1000)
                #expect(try await rig.read("used", bytes: 1000) == 1)
                #expect(rig.table.bytes <= Rig.bytes)
            }
            #expect(try await rig.read("0", bytes: 1000) == 2)
            _ = try await rig.read("huge", bytes: Rig.bytes)
            #expect(try await rig.read("huge", bytes: Rig.bytes) == 2, "too large to be kept")
        }
    }

    @Test func `what no longer holds by itself is read again`() async throws {
        try await Rig.run { rig in
            let until = rig.time.source.milliseconds + 10
            _ = try await rig.table.value(for: "a", seen: nil, about: []) { ReadTable.Read(7, bytes: 1, until: until) }
            #expect(rig.table.remembered("a", seen: nil) == 7)
            rig.time.advance(by: .milliseconds(10))
            #expect(rig.table.remembered("a", seen: nil) == nil)
        }
    }

    @Test func `those who miss together ask once, but not together with those who asked before a change`() async throws
    {
        try await Rig.run { rig in
            let (begun, gate) = (Latch(), Latch())
            let asked = Mutex(0)
            let read = { @Sendable () async throws -> Int? in
                try await rig.table.value(for: "a", seen: nil, about: ["a"]) {
                    let number = asked.withLock { asked in
                        asked += 1
                        return asked
                    }
                    if number == 1 {
                        begun.open()
                        await gate.wait()
                    }
                    return ReadTable.Read(number, bytes: 1)
                }
            }
            try await withThrowingTaskGroup(of: Int?.self) { tasks in
                defer { gate.open() }
                for _ in 0..<10 { tasks.addTask { try await read() } }
                await begun.wait()
                try await eventually("the others wait") { rig.misses == 10 }
                try rig.happens("a")
                #expect(try await read() == 2)
                gate.open()
                for try await answer in tasks { #expect(answer == 1) }
            }
            #expect(try await read() == 2, "the older answer didn't replace the newer one")
        }
    }

    @Test func `a transaction's events are told before it returns, also those of one that may have failed`()
        async throws
    {
        let folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
        try await database.migrate([])
        try await Rig.run { rig in
            let witnessed = WitnessedDatabase(database, memory: rig.memory)
            #expect(try await rig.read("a") == 1)
            try await witnessed.transaction { transaction in
                _ = try await transaction.query("SELECT 1 AS one")
                try await transaction.append(EventDraft(topic: "b", kind: "k", payload: "{}"))
            }
            #expect(try await rig.read("a") == 1)
            struct Failure: Error {}
            await #expect(throws: Failure.self) {
                try await witnessed.transaction { transaction in
                    try await transaction.append(EventDraft(topic: "a", kind: "k", payload: "{}"))
                    throw Failure()
                }
            }
            #expect(try await rig.read("a") == 2)
        }
        await database.close()
    }
}

/// A memory fed by a log in memory; each read of a key from the "database" counts.
private final class Rig: Sendable {
    static let bytes = 100_000

    let time = ManualTime()
    let log: AbsentLog
    let memory: ReadMemory
    let table: ReadTable<String, Int>
    let holdsBack = Mutex(false)
    private let metrics = Metrics()
    private let held = Mutex<[Event]>([])
    private let reads = Mutex<[String: Int]>([:])

    init(isConnected: Bool) {
        let events = Feed()
        log = AbsentLog(MemoryEventLog(capacity: 200_000) { events.send($0) })
        memory = ReadMemory(events: log, time: time.source, metrics: metrics) { [$0.topic] }
        table = ReadTable(memory, "numbers", bytes: Self.bytes)
        events.rig.withLock { $0 = self }
        if isConnected { memory.begin(at: 0) }
    }

    /// Runs everything, once the log's end has been proven, for as long as `body` does.
    static func run(_ body: @escaping @Sendable (Rig) async throws -> Void) async throws {
        let rig = Rig(isConnected: true)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await rig.memory.prove {} }
            try await rig.prove()
            try await body(rig)
            tasks.cancelAll()
        }
    }

    func receive(_ events: [Event]) {
        if holdsBack.withLock({ $0 }) { held.withLock { $0 += events } } else { memory.took(events) }
    }

    func prove() async throws { try await eventually("a proof") { self.memory.mayAnswer(nil) } }

    func happens(_ topic: String) throws { try log.base.append(EventDraft(topic: topic, kind: "k", payload: "{}")) }

    /// What was held back arrives.
    func release() {
        holdsBack.withLock { $0 = false }
        let events = held.withLock { held in
            defer { held = [] }
            return held
        }
        memory.took(events)
    }

    /// How often this key has been read from the database, this time included.
    func read(_ key: String, seen cursor: Cursor? = nil, bytes: Int = 1) async throws -> Int? {
        try await table.value(for: key, seen: cursor, about: [key]) {
            ReadTable.Read(
                reads.withLock { reads in
                    reads[key, default: 0] += 1
                    return reads[key, default: 0]
                }, bytes: bytes)
        }
    }

    var misses: Int {
        let line = metrics.rendered().split(separator: "\n").first { $0.contains(#"from="database""#) }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? -1
    }
}

/// Hands events to the rig that is set later, which lasts as long as the log.
private final class Feed: Sendable {
    let rig = Mutex<Rig?>(nil)
    func send(_ events: [Event]) { rig.withLock { $0 }?.receive(events) }
}

/// A log that can be made unreadable.
private final class AbsentLog: EventLog {
    let base: MemoryEventLog
    private let away = Atomic(false)
    /// How often the end was asked for.
    let questions = Atomic(0)

    init(_ base: MemoryEventLog) { self.base = base }

    var isAway: Bool {
        get { away.load(ordering: .relaxed) }
        set { away.store(newValue, ordering: .relaxed) }
    }

    var epoch: String { base.epoch }
    var lastNumber: Int64 {
        get async throws {
            if isAway { throw StoreError(.unavailable, "away, as the test asks") }
            return base.lastNumber
        }
    }
    var settledNumber: Int64 {
        get async throws {
            questions.add(1, ordering: .relaxed)
            return try await lastNumber
        }
    }
    var oldestNumber: Int64 { base.oldestNumber }
    func read(after number: Int64, limit: Int) async throws -> [Event] { base.read(after: number, limit: limit) }
    func append(_ draft: EventDraft) async throws -> Int64 { try base.append(draft) }
}
