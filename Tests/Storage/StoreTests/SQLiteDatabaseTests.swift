import Foundation
import Store
import Testing
import TestSupport

struct SQLiteDatabaseTests {
    private func open(
        _ folder: TemporaryFolder, _ change: (inout SQLiteConfiguration) -> Void = { _ in }
    ) async throws -> SQLiteDatabase {
        var configuration = SQLiteConfiguration(path: folder.file("test.db"))
        change(&configuration)
        return try await SQLiteDatabase.open(configuration)
    }

    @Test func `SQLite keeps the promises of a database`() async throws {
        let folder = try TemporaryFolder()
        let next = Sequence()
        try await DatabaseConformance {
            var configuration = SQLiteConfiguration(path: folder.file("\(next.next()).db"))
            configuration.synchronous = .normal
            return try await SQLiteDatabase.open(configuration)
        }.run()
    }

    @Test func `a commit is flushed to the disk before it returns`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        let settings = try await database.transaction { transaction in
            [
                try await transaction.query("PRAGMA journal_mode")[0].values[0],
                try await transaction.query("PRAGMA synchronous")[0].values[0],
                try await transaction.query("PRAGMA foreign_keys")[0].values[0],
            ]
        }
        #expect(settings == ["wal", 2, 1])
        await database.close()
    }

    @Test func `transactions run on one thread that is nobody else's`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        let threads = Recorder<String>()
        for _ in 0..<4 {
            try await database.transaction { transaction in
                threads.record(currentThread())
                _ = try await transaction.query("SELECT 1 AS one")
                await Task.yield()
                threads.record(currentThread())
            }
            #expect(!threads.elements.contains(currentThread()))
        }
        #expect(Set(threads.elements).count == 1)
        await database.close()
    }

    /// SQLite asks whether the task is cancelled each 20,000 steps of a statement, over all the times that it's run: so it
    /// does in the ten thousandth ROLLBACK.
    @Test func `however many transactions are cancelled, the next one works`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        for _ in 0..<11_000 {
            let task = Task {
                try await database.transaction { _ in
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    throw CancellationError()
                }
            }
            _ = await task.result
        }
        let rows = try await database.transaction { try await $0.query("SELECT 1 AS one") }
        #expect(try rows[0]["one", as: Int.self] == 1)
        await database.close()
    }

    @Test func `readers cannot write`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        try await database.migrate([DatabaseConformance.tables])
        await expect(.unavailable) {
            try await database.read { try await $0.query("INSERT INTO things (id) VALUES (1)") }
        }
        await database.close()
    }

    @Test func `a second owner of the same file is refused, until the first has gone`() async throws {
        let folder = try TemporaryFolder()
        let first = try await open(folder)
        await expect(.busy) { try await open(folder) }
        await first.close()
        let second = try await open(folder)
        await second.close()
        do { _ = try await open(folder) }
        // Let go of without being closed.
        let third = try await open(folder)
        await third.close()
    }

    @Test func `a file that another connection keeps locked is busy, not stuck`() async throws {
        let folder = try TemporaryFolder()
        let first = try await open(folder)
        try await first.migrate([DatabaseConformance.tables])
        let second = try await open(folder) {
            $0.isExclusive = false
            $0.busyTimeout = .milliseconds(20)
        }
        try await first.transaction { transaction in
            try await transaction.execute("INSERT INTO things (id) VALUES (1)")
            await expect(.busy) {
                try await second.transaction { try await $0.execute("INSERT INTO things (id) VALUES (2)") }
            }
        }
        try await second.transaction { try await $0.execute("INSERT INTO things (id) VALUES (2)") }
        await first.close()
        await second.close()
    }

    @Test func `a file that is not a database is reported as damaged`() async throws {
        let folder = try TemporaryFolder()
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: folder.file("test.db")))
        await expect(.corrupt) { try await open(folder) }
    }

    @Test func `a folder that does not exist is unavailable`() async throws {
        await expect(.unavailable) {
            try await SQLiteDatabase.open(SQLiteConfiguration(path: "/nonexistent/folder/test.db"))
        }
    }

    @Test func `a full disk is called so, and room helps`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        try await database.migrate([DatabaseConformance.tables])
        let large = Value.text(String(repeating: "x", count: 200_000))
        await expect(.diskFull) {
            try await database.transaction { transaction in
                // Stands for a full disk: SQLite answers both alike.
                _ = try await transaction.query("PRAGMA max_page_count = 30")
                try await transaction.execute("INSERT INTO things (id, name) VALUES (1, $1)", [large])
            }
        }
        try await database.transaction { transaction in
            _ = try await transaction.query("PRAGMA max_page_count = 100000")
            try await transaction.execute("INSERT INTO things (id, name) VALUES (1, $1)", [large])
        }
        await database.close()
    }

    @Test func `one waiting transaction too many is refused at once`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder) { $0.waitingLimit = 1 }
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await database.transaction { _ in
                start.finish()
                for await _ in hold {}
            }
        }
        for await _ in started {}
        let waiting = Task { @MainActor in try await database.transaction { _ in } }
        await Task { @MainActor in
            await expect(.busy) { try await database.transaction { _ in } }
        }.value
        release.finish()
        try await first.value
        try await waiting.value
        await database.close()
    }

    @Test func `a long statement ends when its task is cancelled`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await database.read { reader in
                start.finish()
                return try await reader.query(
                    """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
                    SELECT MAX(n) AS n FROM numbers
                    """)
            }
        }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await database.close()
    }

    @Test func `closing waits for what runs and refuses what comes later`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        try await database.migrate([DatabaseConformance.tables])
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let running = Task {
            try await database.transaction { transaction in
                start.finish()
                for await _ in hold {}
                try await transaction.execute("INSERT INTO things (id) VALUES (1)")
            }
        }
        for await _ in started {}
        let closing = Task { @MainActor in await database.close() }
        await Task { @MainActor in release.finish() }.value
        try await running.value
        await closing.value
        let again = try await open(folder)
        #expect(try await again.read { try await $0.query("SELECT id FROM things") }.count == 1)
        await again.close()
    }

    @Test func `statements are prepared anew after the schema changed`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder) { $0.statementLimit = 2 }
        try await database.migrate([DatabaseConformance.tables])
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        let ask = { @Sendable in try await database.read { try await $0.query("SELECT * FROM things") }[0].columns }
        #expect(try await ask() == ["id", "name", "size", "amount"])
        try await database.transaction { try await $0.execute("ALTER TABLE things ADD COLUMN colour TEXT") }
        #expect(try await ask() == ["id", "name", "size", "amount", "colour"])
        for number in 0..<5 {
            #expect(try await database.read { try await $0.query("SELECT \(number) AS n") }[0]["n"] == number)
        }
        await database.close()
    }

    @Test func `more than one statement at a time is refused`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        for sql in ["SELECT 1; SELECT 2", "", "  ", "-- nothing", "SELECT ?", "SELECT :name", "SELECT $0", "SELECT 'a"]
        {
            await expect(.invalidStatement) { try await database.read { try await $0.query(sql, []) } }
        }
        #expect(try await database.read { try await $0.query("SELECT 1 AS one;\n") }.count == 1)
        await database.close()
    }
}

private func currentThread() -> String { "\(pthread_self())" }
