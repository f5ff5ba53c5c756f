import FoundationEssentials
import Store
import Testing
import TestSupport

struct RetentionTests {
    /// Events at 1000 s, 1001 s, 1002 s …
    private func database(events: Int) async throws -> (SQLiteDatabase, DatabaseEventLog, TemporaryFolder) {
        let time = ManualTime(Date(timeIntervalSince1970: 999))
        let folder = try TemporaryFolder()
        var configuration = SQLiteConfiguration(path: folder.file("test.db"))
        configuration.synchronous = .normal
        let database = try await SQLiteDatabase.open(configuration, time: time.source)
        try await database.migrate([])
        for _ in 0..<events {
            time.advance(by: .seconds(1))
            try await database.transaction { try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}")) }
        }
        return (database, try await DatabaseEventLog(database), folder)
    }

    @Test(arguments: [1, 3, 10, 500]) func `old events go, in batches of any size`(batch: Int) async throws {
        let (database, log, folder) = try await database(events: 20)
        var retention = Retention()
        retention.age = .seconds(60)
        retention.batch = batch
        // The first ten are older than a minute.
        #expect(try await retention.apply(to: database, through: 20, now: 1_070_000) == 10)
        #expect(try await log.oldestNumber == 11)
        #expect(try await retention.apply(to: database, through: 20, now: 1_070_000) == 0)
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `more events than wanted go, oldest first`() async throws {
        let (database, log, folder) = try await database(events: 20)
        var retention = Retention()
        retention.count = 4
        retention.batch = 3
        #expect(try await retention.apply(to: database, through: 20, now: 0) == 16)
        #expect(try await log.oldestNumber == 17)
        await database.close()
        withExtendedLifetime(folder) {}
    }

    @Test func `what has not been published stays, and numbers go on after all have gone`() async throws {
        let (database, log, folder) = try await database(events: 5)
        var retention = Retention()
        retention.age = .zero
        #expect(try await retention.apply(to: database, through: 3, now: .max) == 3)
        #expect(try await log.oldestNumber == 4)
        #expect(try await retention.apply(to: database, through: 5, now: .max) == 2)
        #expect(try await log.oldestNumber == 6)
        #expect(try await log.lastNumber == 5)
        #expect(try await log.append(EventDraft(topic: "t", kind: "k", payload: "{}")) == 6)
        await database.close()
        withExtendedLifetime(folder) {}
    }
}
