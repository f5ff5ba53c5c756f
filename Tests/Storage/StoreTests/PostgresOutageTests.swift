import Core
import EventLoop
import Foundation
import Store
import Testing
import TestSupport

/// What becomes of a database whose server goes and comes back.
struct PostgresOutageTests {
    @Test func `a server that stops is unavailable at once, and used again when it is back`() async throws {
        let server = try await PostgresServer()
        let url = try await server.url()
        let database = try await server.open(url)
        let writer = try await server.open(url)
        try await database.migrate([DatabaseConformance.tables])
        for round in Int64(1)...3 {
            try await database.transaction {
                try await $0.execute("INSERT INTO things (id) VALUES ($1)", [.integer(round)])
            }
            if round == 2 { server.kill() } else { server.stop() }
            let clock = ContinuousClock()
            let taken = await clock.measure {
                for _ in 0..<20 {
                    await expect(.unavailable) { try await database.read { try await $0.query("SELECT 1") } }
                    await expect(.unavailable) { try await database.transaction { try await $0.execute("SELECT 1") } }
                }
            }
            #expect(taken < .seconds(10))
            try await server.start()
            try await eventually("the database's recovery") {
                (try? await database.read { try await $0.query("SELECT id FROM things") })?.count == Int(round)
            }
            try await eventually("the database's recovery for writing") {
                (try? await database.transaction { try await $0.execute("UPDATE things SET amount = amount + 1") })
                    != nil
            }
            // Another process' commits are heard of again.
            var rings = database.eventsCommitted.listen().makeAsyncIterator()
            let appending = Task {
                while !Task.isCancelled {
                    _ = try? await writer.transaction {
                        try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
                    }
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            _ = await rings.next()
            appending.cancel()
        }
        await database.close()
        await writer.close()
    }

    @Test func `a restart between two transactions is not noticed`() async throws {
        let server = try await PostgresServer()
        let database = try await server.open()
        try await database.migrate([DatabaseConformance.tables])
        server.stop()
        try await server.start()
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        #expect(try await database.read { try await $0.query("SELECT id FROM things") }.count == 1)
        await database.close()
    }

    @Test func `a transaction whose connection is lost is run again, and leaves nothing of the first time`()
        async throws
    {
        let server = try await PostgresServer()
        let name = try await server.newDatabase()
        let database = try await server.open(try await server.url(name))
        try await database.migrate([DatabaseConformance.tables])
        let attempts = Sequence()
        let event = try await database.transaction { transaction in
            try await transaction.execute(
                "INSERT INTO things (id) VALUES ($1)", [.integer(Int64(attempts.next()))])
            let process = try await transaction.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
            if attempts.current == 1 { try await server.sql("SELECT pg_terminate_backend(\(process))", in: name) }
            try await transaction.execute("UPDATE things SET amount = 1")
            return try await transaction.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
        }
        #expect(event.number == 1 && attempts.current == 2)
        let rows = try await database.read { try await $0.query("SELECT id FROM things") }
        #expect(rows.map { $0.values[0] } == [2])
        await database.close()
    }

    @Test func `the server's process is killed amid a transaction`() async throws {
        let server = try await PostgresServer()
        let url = try await server.url()
        try await server.open(url).close()
        // Whoever opens a database again is told that there are tables: that's no reason for what happens later.
        let database = try await server.open(url)
        try await database.migrate([DatabaseConformance.tables])
        let attempts = Sequence()
        await expect(.unavailable) {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(Int64(attempts.next()))])
                let process = try await transaction.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
                // The server ends all connections and recovers from its log.
                kill(Int32(process), SIGKILL)
                while true { _ = try await transaction.query("SELECT 1") }
            }
        }
        try await eventually("the database's recovery") {
            (try? await database.read { try await $0.query("SELECT id FROM things") })?.isEmpty == true
        }
        try await database.transaction { try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}")) }
        #expect(try await DatabaseEventLog(database).lastNumber == 1)
        await database.close()
    }

    @Test func `a cancellation that a silent server does not hear of ends all the same`() async throws {
        let server = try await PostgresServer()
        let database = try await server.open { $0.readers = 1 }
        let (started, start) = AsyncStream.makeStream(of: Int32.self)
        let task = Task {
            try await database.read { reader in
                let process = Int32(try await reader.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self])
                server.freeze()
                kill(process, SIGSTOP)
                start.yield(process)
                return try await reader.query("SELECT pg_sleep(14)")
            }
        }
        var processes = started.makeAsyncIterator()
        let process = try #require(await processes.next())
        for loop in loops.loops { try await loop.submit {} }
        let clock = ContinuousClock()
        let taken = await clock.measure {
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(taken < .seconds(10))
        kill(process, SIGCONT)
        server.thaw()
        // The request to cancel is still under way: it concerns nobody any more.
        #expect(try await database.read { try await $0.query("SELECT 1 AS one") }.count == 1)
        await database.close()
    }

    @Test func `a process that stands still amid a transaction holds up the others for a while only`() async throws {
        let server = try await PostgresServer()
        let url = try await server.url()
        let stuck = try await server.open(url) { $0.idleInTransactionTimeout = .milliseconds(300) }
        let other = try await server.open(url)
        try await other.migrate([DatabaseConformance.tables])
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let open = Task {
            try await stuck.transaction { transaction in
                try await transaction.execute("INSERT INTO things (id) VALUES (1)")
                start.finish()
                for await _ in hold {}
                try await transaction.execute("INSERT INTO things (id) VALUES (2)")
            }
        }
        for await _ in started {}
        try await other.transaction { try await $0.execute("INSERT INTO things (id) VALUES (3)") }
        release.finish()
        // The server has undone it, so it's run again: after the other one.
        try await open.value
        let rows = try await stuck.read { try await $0.query("SELECT id FROM things") }
        #expect(rows.map { $0.values[0] } == [3, 1, 2])
        await stuck.close()
        await other.close()
    }
}
