import Foundation
import Store
import Testing
import TestSupport

/// What a process that's killed amid its commits leaves behind.
struct CrashTests {
    @Test func `a killed process loses nothing it had committed, and numbers go on without a gap`() async throws {
        let folder = try TemporaryFolder()
        let (path, acknowledged) = (folder.file("test.db"), folder.file("acknowledged"))
        var last: Int64 = 0
        for _ in 0..<6 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, acknowledged = acknowledged as String] in
                try await commitUntilKilled(path, acknowledged)
            }
            let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: path))
            #expect(try await database.migrate([DatabaseConformance.tables]) == 0)
            let log = try await DatabaseEventLog(database)
            let events = try await log.read(after: 0, limit: 1_000_000)
            #expect(events.map(\.number) == Array(1..<Int64(events.count) + 1))
            #expect(try await log.lastNumber == Int64(events.count))
            // The rows and their events were committed together.
            let rows = try await database.read { try await $0.query("SELECT id FROM things ORDER BY id") }
            #expect(try rows.map { try $0["id", as: Int64.self] } == events.map(\.number))
            // Whatever was acknowledged is there.
            let numbers = try String(contentsOfFile: acknowledged, encoding: .utf8).split(separator: "\n").compactMap {
                Int64($0)
            }
            #expect(Set(numbers).isSubset(of: events.map(\.number)))
            #expect(numbers.count > 0 && events.count >= numbers.count)
            let check = try await database.read { try await $0.query("PRAGMA integrity_check") }
            #expect(check.first?.values == ["ok"])
            #expect(Int64(events.count) > last)
            last = Int64(events.count)
            await database.close()
        }
    }
}

/// Commits as fast as it can, many at a time, writing down each commit once it has returned, until the process is killed.
private func commitUntilKilled(_ path: String, _ acknowledged: String) async throws {
    let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: path))
    try await database.migrate([DatabaseConformance.tables])
    let file = unsafe open(acknowledged, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    let committed = Sequence()
    await withTaskGroup { group in
        for _ in 0..<32 {
            group.addTask {
                while true {
                    let number = try? await database.transaction { transaction in
                        let event = try await transaction.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
                        let number = try #require(event.number)
                        try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(number)])
                        return number
                    }
                    guard let number else { return }
                    let line = Array("\(number)\n".utf8)
                    _ = unsafe line.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
                    _ = committed.next()
                }
            }
        }
        group.addTask {
            // Not before something was committed, then at any moment of the next commits.
            while committed.current < 5 { await Task.yield() }
            try? await Task.sleep(for: .microseconds(Int.random(in: 0..<15_000)))
            kill(getpid(), SIGKILL)
        }
    }
}
