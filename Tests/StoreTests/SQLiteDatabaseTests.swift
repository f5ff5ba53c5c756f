import Store
import Testing

struct SQLiteDatabaseTests {
    @Test func `SQLite keeps the promises of a database`() async throws {
        let folder = try TemporaryFolder()
        let next = Sequence()
        try await DatabaseConformance {
            try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("\(next.next()).db")))
        }.run()
    }
}
