import Bot
import Store
import Testing
import TestSupport

struct ShardCountTests {
    @Test func `whoever decides first decides for all, and the number changes only from what was read`() async throws {
        let folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: folder.file("test.db")))
        try await database.migrate([BotSchema.migrations])
        let shards = ShardCount(database: database)
        #expect(try await shards.decided() == nil)
        #expect(try await shards.decide(3, replacing: nil) == 3)
        #expect(try await shards.decide(5, replacing: nil) == 3, "another process was faster")
        #expect(try await shards.decide(6, replacing: 3) == 6)
        #expect(try await shards.decide(4, replacing: 3) == 6)
        #expect(try await shards.decided() == 6)
        await database.close()
    }
}
