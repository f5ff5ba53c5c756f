import Core
import Store
import Testing
import TestSupport

struct MigrationTests {
    private let first = Migration(1, "things", ["CREATE TABLE things (id BIGINT PRIMARY KEY)"])
    private let second = Migration(
        2, "names", ["ALTER TABLE things ADD COLUMN name TEXT", "INSERT INTO things (id, name) VALUES (1, 'one')"])

    private func open(_ folder: TemporaryFolder) async throws -> SQLiteDatabase {
        try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
    }

    private func count(_ database: SQLiteDatabase, _ table: String) async throws -> Int {
        try await database.read { try await $0.query("SELECT * FROM \(table)") }.count
    }

    @Test func `each migration is applied once, in order`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        #expect(try await database.migrate([MigrationSet(owner: "a", [first])]) == 4)
        #expect(try await database.migrate([MigrationSet(owner: "a", [first])]) == 0)
        #expect(try await database.migrate([MigrationSet(owner: "a", [first, second])]) == 1)
        #expect(try await database.migrate([MigrationSet(owner: "a", [first, second])]) == 0)
        #expect(try await count(database, "things") == 1)
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `owners number their migrations independently`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        let others = MigrationSet(owner: "b", [Migration(1, "others", ["CREATE TABLE others (id BIGINT PRIMARY KEY)"])])
        #expect(try await database.migrate([MigrationSet(owner: "a", [first, second]), others]) == 6)
        #expect(try await count(database, "others") == 0)
        // A process that knows fewer owners leaves the others' tables alone.
        #expect(try await database.migrate([others]) == 0)
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `a database from the future is refused and stays as it was`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        try await database.migrate([MigrationSet(owner: "a", [first, second])])
        let others = MigrationSet(owner: "b", [Migration(1, "others", ["CREATE TABLE others (id BIGINT PRIMARY KEY)"])])
        let error = await #expect(throws: StoreError.self) {
            try await database.migrate([others, MigrationSet(owner: "a", [first])])
        }
        #expect(error?.kind == .newerSchema)
        #expect(error?.message.contains("a is at migration 2, this version knows 1") == true)
        await expect(.invalidStatement) { try await count(database, "others") }
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `an edited migration is refused`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        try await database.migrate([MigrationSet(owner: "a", [first])])
        let edited = Migration(1, "things", ["CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT)"])
        await expect(.migrationMismatch) { try await database.migrate([MigrationSet(owner: "a", [edited])]) }
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `a migration that fails leaves nothing of itself`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        let broken = Migration(2, "broken", ["CREATE TABLE half (id BIGINT PRIMARY KEY)", "CREATE NONSENSE"])
        await expect(.invalidStatement) { try await database.migrate([MigrationSet(owner: "a", [first, broken])]) }
        await expect(.invalidStatement) { try await count(database, "half") }
        #expect(try await database.migrate([MigrationSet(owner: "a", [first, second])]) == 1)
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `the checksum tells statements apart, not only their text`() {
        #expect(Migration(1, "x", ["ab", "c"]).checksum != Migration(1, "x", ["a", "bc"]).checksum)
        #expect(Migration(1, "x", ["a"]).checksum == Migration(1, "renamed", ["a"]).checksum)
    }

    @Test func `the epoch survives reopening`() async throws {
        let folder = try TemporaryFolder()
        let database = try await open(folder)
        try await database.migrate([])
        let epoch = try await DatabaseEventLog(database).epoch
        await database.close()
        let again = try await open(folder)
        try await again.migrate([])
        #expect(try await DatabaseEventLog(again).epoch == epoch)
        await again.close()
    }
}
