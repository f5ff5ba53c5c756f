import Foundation
import Store
import Testing
import TestSupport

/// Bodies that wait while another one runs are committed together with it, by one flush to the disk.
struct SQLiteGroupCommitTests {
    private struct Refusal: Error {}

    @Test func `those who wait are committed by one flush`() async throws {
        let bench = try await GroupCommitBench()
        let before = try bench.commits
        let (first, results) = await bench.together((1...20).map { id in { try await insert(id, $0) } })
        for result in [first] + results { try result.get() }
        #expect(try bench.commits == before + 1)
        #expect(try await bench.ids() == Array(0...20))
        let events = try await DatabaseEventLog(bench.database).read(after: 0, limit: 100)
        #expect(events.map(\.number) == Array(1...21))
        #expect(events.map(\.payload) == (0...20).map { "\($0)" })
        await bench.database.close()
    }

    @Test func `each fails alone`() async throws {
        let bench = try await GroupCommitBench()
        try await bench.database.transaction { transaction in
            try await transaction.execute(
                """
                CREATE TABLE links (id BIGINT PRIMARY KEY, thing BIGINT
                    REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED)
                """)
        }
        let before = try bench.commits
        let (first, results) = await bench.together([
            { try await insert(1, $0) },
            { transaction in
                try await insert(2, transaction)
                throw Refusal()
            },
            { transaction in
                try await insert(3, transaction)
                try await transaction.execute("INSERT INTO things (id) VALUES (1)")
            },
            { transaction in
                try await insert(4, transaction)
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            },
            { transaction in
                try await insert(5, transaction)
                // Only the commit would look for what it refers to.
                try await transaction.execute("INSERT INTO links (id, thing) VALUES (1, 99)")
            },
            { try await insert(6, $0) },
        ])
        try first.get()
        let kinds = results.map { result -> String in
            do {
                try result.get()
                return "committed"
            } catch let error as StoreError {
                return error.code
            } catch {
                return "\(type(of: error))"
            }
        }
        #expect(
            kinds == [
                "committed", "Refusal", "unique_violation", "CancellationError", "foreign_key_violation", "committed",
            ])
        #expect(try bench.commits == before + 1)
        #expect(try await bench.ids() == [0, 1, 6])
        let events = try await DatabaseEventLog(bench.database).read(after: 0, limit: 100)
        #expect(events.map(\.number) == [1, 2, 3])
        #expect(events.map(\.payload) == ["0", "1", "6"])
        await bench.database.close()
    }

    @Test func `a failure that undoes the whole transaction is everybody's`() async throws {
        let bench = try await GroupCommitBench()
        let large = Value.text(String(repeating: "x", count: 200_000))
        let (first, results) = await bench.together([
            { try await insert(1, $0) },
            { transaction in
                try await insert(2, transaction)
                throw Refusal()
            },
            { transaction in
                let pages = try await transaction.query("PRAGMA page_count")[0].values[0]
                guard case .integer(let pages) = pages else { throw Refusal() }
                // Stands for a full disk: SQLite answers both alike.
                _ = try await transaction.query("PRAGMA max_page_count = \(pages + 5)")
                try await transaction.execute("INSERT INTO things (id, name) VALUES (3, $1)", [large])
            },
            { try await insert(4, $0) },
        ])
        for result in [first] + results.prefix(3) { await expect(.diskFull) { try result.get() } }
        try results[3].get()
        #expect(try await bench.ids() == [4])
        #expect(try await DatabaseEventLog(bench.database).lastNumber == 1)
        await bench.database.close()
    }

    @Test func `when the commit fails, nobody is told that it succeeded`() async throws {
        await #expect(processExitsWith: .success) {
            let bench = try await GroupCommitBench()
            try await bench.database.transaction { try await insert(-1, $0) }
            let size = try Data(contentsOf: URL(filePath: bench.folder.file("test.db-wal"))).count
            // From here on the log can't grow: writing fails, as it does when a disk gives up.
            signal(SIGXFSZ, SIG_IGN)
            var limits = rlimit()
            unsafe getrlimit(fileSizeLimit, &limits)
            let unlimited = limits.rlim_cur
            limits.rlim_cur = rlim_t(size)
            unsafe setrlimit(fileSizeLimit, &limits)
            let (first, results) = await bench.together((1...20).map { id in { try await insert(id, $0) } })
            limits.rlim_cur = unlimited
            unsafe setrlimit(fileSizeLimit, &limits)
            for result in [first] + results { await expect(.unavailable) { try result.get() } }
            #expect(try await bench.ids() == [-1])
            try await bench.database.transaction { try await insert(100, $0) }
            #expect(try await bench.ids() == [-1, 100])
            #expect(try await DatabaseEventLog(bench.database).lastNumber == 2)
            await bench.database.close()
        }
    }

    @Test func `a body that waits for something else doesn't keep those before it waiting`() async throws {
        let bench = try await GroupCommitBench()
        let (more, goOn) = AsyncStream.makeStream(of: Bool.self)
        let held = await bench.hold()
        let second = Task { @MainActor in try await bench.database.transaction { try await insert(1, $0) } }
        let waiting = [2, 3 as Int64].map { id in
            Task { @MainActor in
                try await bench.database.transaction { transaction in
                    try await insert(id, transaction)
                    let before = try await transaction.query("SELECT id FROM things ORDER BY id")
                    for await fails in more {
                        if fails { throw Refusal() }
                        break
                    }
                    try await insert(id + 10, transaction)
                    let after = try await transaction.query("SELECT id FROM things ORDER BY id")
                    return try [before, after].map { rows in try rows.map { try $0["id", as: Int64.self] } }
                }
            }
        }
        await held.release()
        try await held.task.value
        // Of the third, nobody sees anything.
        try await second.value
        #expect(try await bench.ids() == [0, 1])
        goOn.yield(false)
        #expect(try await waiting[0].value == [[0, 1, 2], [0, 1, 2, 12]])
        #expect(try await bench.ids() == [0, 1, 2, 12])
        goOn.yield(true)
        await #expect(throws: Refusal.self) { try await waiting[1].value }
        #expect(try await bench.ids() == [0, 1, 2, 12])
        let events = try await DatabaseEventLog(bench.database).read(after: 0, limit: 100)
        #expect(events.map(\.number) == [1, 2, 3, 4])
        #expect(events.map(\.payload) == ["0", "1", "2", "12"])
        await bench.database.close()
    }

    @Test func `a body that ended before its task was cancelled is committed`() async throws {
        let bench = try await GroupCommitBench()
        let earlier = Recorder<Task<Void, any Error>>()
        let held = await bench.hold()
        earlier.record(Task { @MainActor in try await bench.database.transaction { try await insert(1, $0) } })
        let second = Task { @MainActor in
            try await bench.database.transaction { transaction in
                earlier.elements[0].cancel()
                try await insert(2, transaction)
            }
        }
        await held.release()
        try await held.task.value
        try await second.value
        try await earlier.elements[0].value
        #expect(try await bench.ids() == [0, 1, 2])
        await bench.database.close()
    }

    @Test func `an unhurried transaction is committed by itself`() async throws {
        let bench = try await GroupCommitBench()
        let before = try bench.commits
        let held = await bench.hold()
        let tasks = (1...4 as ClosedRange<Int64>).map { id in
            Task { @MainActor in
                let body: GroupCommitBench.Body = { transaction in try await insert(id, transaction) }
                if id == 2 {
                    try await bench.database.unhurriedTransaction(body)
                } else {
                    try await bench.database.transaction(body)
                }
            }
        }
        await held.release()
        try await held.task.value
        for task in tasks { try await task.value }
        // 0 and 1, 2, 3 and 4.
        #expect(try bench.commits == before + 3)
        #expect(try await bench.ids() == Array(0...4))
        await bench.database.close()
    }

    @Test(arguments: [1, 2, 3])
    func `whatever fails in between, what was acknowledged is there, and numbers have no gaps`(seed: UInt64)
        async throws
    {
        let folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
        try await database.migrate([DatabaseConformance.tables])
        let acknowledged = Recorder<Int64>()
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let reader = Task {
            var (seen, reads): (Int64, Int) = (0, 0)
            for await _ in ended {
                let (count, last) = try await database.read { reader in
                    (
                        try await reader.query("SELECT COUNT(*) AS n FROM things")[0]["n", as: Int64.self],
                        try await reader.query("SELECT last_number FROM store_event_counter")[0][
                            "last_number", as: Int64.self]
                    )
                }
                // Each transaction adds one of both.
                #expect(count == last && last >= seen)
                (seen, reads) = (last, reads + 1)
            }
            return reads
        }
        await withTaskGroup { group in
            for worker in 0..<24 {
                group.addTask {
                    var random = SeededGenerator(seed: seed &* 1000 &+ UInt64(worker))
                    for round in 0..<25 {
                        let id = Int64(worker * 1000 + round)
                        let choice = Int.random(in: 0..<12, using: &random)
                        let body: GroupCommitBench.Body = { transaction in
                            try await insert(id, transaction)
                            switch choice {
                            case 0: throw Refusal()
                            case 1: try await insert(id, transaction)
                            case 2: await Task.yield()
                            case 3:
                                await Task.yield()
                                throw Refusal()
                            default: break
                            }
                        }
                        let task = Task {
                            if choice == 4 {
                                try await database.unhurriedTransaction(body)
                            } else {
                                try await database.transaction(body)
                            }
                        }
                        if choice == 5 { task.cancel() }
                        if case .success = await task.result { acknowledged.record(id) }
                        end.yield()
                    }
                }
            }
        }
        end.finish()
        #expect(try await reader.value > 0)
        let events = try await DatabaseEventLog(database).read(after: 0, limit: 10_000)
        #expect(events.map(\.number) == Array(1..<Int64(events.count) + 1))
        #expect(events.compactMap { Int64($0.payload) }.sorted() == acknowledged.elements.sorted())
        let rows = try await database.read { try await $0.query("SELECT id FROM things ORDER BY id") }
        #expect(try rows.map { try $0["id", as: Int64.self] } == acknowledged.elements.sorted())
        #expect(!acknowledged.elements.isEmpty && acknowledged.elements.count < 24 * 25)
        await database.close()
    }
}

#if canImport(Glibc)
    private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#else
    private let fileSizeLimit = RLIMIT_FSIZE
#endif
