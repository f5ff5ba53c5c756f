import Bus
import Core
import Foundation
import Store
import Testing
import TestSupport

struct RelayCrashTests {
    @Test func `a killed relay goes on with the first event that it had not published`() async throws {
        let folder = try TemporaryFolder()
        let (path, published) = (folder.file("test.db"), folder.file("published"))
        for _ in 0..<4 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, published = published as String] in
                try await relayUntilKilled(path, published)
            }
            let before = try String(contentsOfFile: published, encoding: .utf8).split(separator: "\n").compactMap {
                Int64($0)
            }
            let lastBefore = try #require(before.max())
            let site = try await RelayTests.Site(in: folder)
            let last = try await DatabaseEventLog(site.database).lastNumber
            #expect(lastBefore <= last)
            let saved = try await site.savedPosition() ?? 0
            #expect(saved <= lastBefore)
            try await running(site.relay) { try await site.received.wait { ($0.last?.number ?? saved) >= last } }
            #expect(site.received.numbers == Array(saved + 1..<last + 1))
            await site.database.close()
        }
    }
}

/// Appends and publishes as fast as it can, writing down what was published, until the process is killed.
private func relayUntilKilled(_ path: String, _ published: String) async throws {
    let database = try await SQLiteDatabase.open(SQLiteConfiguration(path: path))
    try await database.migrate([])
    let file = unsafe open(published, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    let bus = LocalBus()
    let received = Received()
    let subscription = bus.subscribe { events in
        let lines = Array(events.map { "\($0.number)\n" }.joined().utf8)
        _ = unsafe lines.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        received.record(events)
    }
    var configuration = Relay.Configuration()
    configuration.save = .milliseconds(3)
    let relay = Relay(database: database, bus: bus, configuration: configuration)
    await withTaskGroup { group in
        group.addTask { try? await relay.run() }
        group.addTask {
            while (try? await database.transaction {
                try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
            }) != nil {}
        }
        group.addTask {
            while received.all.count < 5 { await Task.yield() }
            try? await Task.sleep(for: .microseconds(Int.random(in: 0..<15_000)))
            kill(getpid(), SIGKILL)
        }
    }
    subscription.cancel()
}
