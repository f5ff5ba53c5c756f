import Core
import EventLoop
import Foundation
import Store
import Synchronization
import Testing
import TestSupport

/// Loops for the databases of all tests.
let loops = EventLoopGroup(count: 2)

extension PostgresServer {
    func open(
        _ url: String? = nil, _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws -> PostgresDatabase {
        var address = url
        if address == nil { address = try await self.url() }
        var configuration = PostgresConfiguration(url: Secret(address ?? ""))
        change(&configuration)
        return try await PostgresDatabase.open(configuration, group: loops)
    }
}

struct PostgresDatabaseTests {
    @Test func `PostgreSQL keeps the promises of a database`() async throws {
        let server = try await PostgresServer.shared
        try await DatabaseConformance { try await server.open() }.run()
    }

    @Test func `values of the server's other types become those that we know`() async throws {
        let database = try await PostgresServer.shared.open()
        let rows = try await database.read { reader in
            try await reader.query(
                """
                SELECT true AS yes, SUM(n) AS total, CAST(12.5 AS NUMERIC) AS price, CAST('\\x00ff10' AS BYTEA) AS bytes,
                    CAST('' AS BYTEA) AS none, CAST(1.5 AS REAL) AS real, CAST('NaN' AS DOUBLE PRECISION) AS nan,
                    CAST($1 AS BYTEA) AS given, CAST($2 AS BYTEA) AS empty, CAST($3 AS DOUBLE PRECISION) AS small
                FROM (VALUES (CAST(1 AS BIGINT)), (2)) AS numbers (n)
                """, [.blob([0, 1, 255]), .blob([]), .real(.leastNonzeroMagnitude)])
        }
        #expect(try rows[0]["yes", as: Bool.self])
        #expect(rows[0].values[1] == 3 && rows[0].values[2] == 12.5)
        #expect(rows[0].values[3] == .blob([0, 255, 16]) && rows[0].values[4] == .blob([]) && rows[0].values[5] == 1.5)
        #expect(try rows[0]["nan", as: Double.self].isNaN)
        #expect(rows[0].values[7] == .blob([0, 1, 255]) && rows[0].values[8] == .blob([]))
        #expect(rows[0].values[9] == .real(.leastNonzeroMagnitude))
        await database.close()
    }

    @Test func `what the server can't take is refused, and the connection lives on`() async throws {
        let database = try await PostgresServer.shared.open { $0.readers = 1 }
        await expect(.constraintViolation) { try await database.read { try await $0.query("SELECT $1", ["a\u{0}b"]) } }
        let many = [Value](repeating: 1, count: 65_536)
        await expect(.invalidStatement) { try await database.read { try await $0.query("SELECT 1", many) } }
        for sql in [
            "SELECT 1; SELECT 2", "", "-- nothing", "SELECT ?", "SELECT 'a", "COPY (SELECT 1) TO STDOUT", "a\u{0}",
        ] {
            await expect(.invalidStatement) { try await database.read { try await $0.query(sql, []) } }
        }
        await expect(.unavailable) { try await database.read { try await $0.query("CREATE TABLE t (id BIGINT)") } }
        #expect(try await database.read { try await $0.query("SELECT 1 AS one;\n") }[0]["one"] == 1)
        await database.close()
    }

    @Test func `statements of one transaction may be sent at once`() async throws {
        let database = try await PostgresServer.shared.open { $0.statementLimit = 8 }
        try await database.migrate([DatabaseConformance.tables])
        let total = try await database.transaction { transaction in
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in Int64(1)...50 {
                    group.addTask {
                        try await transaction.query(
                            "SELECT \(number % 20) * 0 + CAST($1 AS BIGINT) AS n", [.integer(number)])[
                                0]["n"]
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        #expect(total == 1275)
        await database.close()
    }

    @Test func `a statement that takes too long ends, and so does one whose task is cancelled`() async throws {
        let database = try await PostgresServer.shared.open {
            $0.readers = 1
            $0.statementTimeout = .milliseconds(200)
        }
        await expect(.busy) { try await database.read { try await $0.query("SELECT pg_sleep(30)") } }
        await database.close()
        let patient = try await PostgresServer.shared.open { $0.readers = 1 }
        for _ in 0..<5 {
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await patient.read { reader in
                    _ = try await reader.query("SELECT 1")
                    start.finish()
                    return try await reader.query("SELECT pg_sleep(30)")
                }
            }
            for await _ in started {}
            let clock = ContinuousClock()
            let taken = await clock.measure {
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(taken < .seconds(5))
            // The cancellation hits nobody else.
            for _ in 0..<20 { #expect(try await patient.read { try await $0.query("SELECT 1 AS one") }.count == 1) }
        }
        await patient.close()
    }

    #if os(Linux)
        @Test func `a cancellation that overtakes its statement is repeated`() async throws {
            let database = try await PostgresServer.shared.open { $0.readers = 1 }
            let (started, start) = AsyncStream.makeStream(of: Int32.self)
            let task = Task {
                try await database.read { reader in
                    let process = try await reader.query("SELECT pg_backend_pid() AS pid")[0]["pid", as: Int.self]
                    // It hears of the cancellation before it hears of the statement, and has nothing to cancel.
                    kill(Int32(process), SIGSTOP)
                    start.yield(Int32(process))
                    return try await reader.query("SELECT pg_sleep(14)")
                }
            }
            var process: Int32 = 0
            for await started in started {
                process = started
                break
            }
            // Bodies run on a loop: when that has come round, the statement has been sent.
            for loop in loops.loops { try await loop.submit {} }
            task.cancel()
            try await eventually("the cancellation") {
                let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
                let pending = line.flatMap { UInt64($0.dropFirst(8), radix: 16) } ?? 0
                return pending & 1 << UInt64(SIGINT - 1) != 0
            }
            let clock = ContinuousClock()
            let taken = await clock.measure {
                kill(process, SIGCONT)
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(taken < .seconds(10))
            await database.close()
        }
    #endif

    @Test func `whoever waits for too long is refused, and one too many at once`() async throws {
        let database = try await PostgresServer.shared.open {
            $0.waitTimeout = .milliseconds(300)
            $0.waitingLimit = 1
        }
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await database.transaction { _ in
                start.finish()
                for await _ in hold {}
            }
        }
        for await _ in started {}
        let waiting = Task { @MainActor in await expect(.busy) { try await database.transaction { _ in } } }
        await Task { @MainActor in await expect(.busy) { try await database.transaction { _ in } } }.value
        await waiting.value
        // Readers aren't concerned.
        #expect(try await database.read { try await $0.query("SELECT 1 AS one") }.count == 1)
        release.finish()
        try await first.value
        await database.close()
    }

    @Test func `a transaction that another program came in between is run again`() async throws {
        let server = try await PostgresServer.shared
        let name = try await server.newDatabase()
        let database = try await server.open(try await server.url(name))
        try await database.migrate([DatabaseConformance.tables])
        try await database.transaction { try await $0.execute("INSERT INTO things (id, amount) VALUES (1, 0)") }
        let attempts = Sequence()
        let amount = try await database.transaction { transaction in
            let row = try await transaction.query("SELECT amount FROM things WHERE id = 1")[0]
            if attempts.next() <= 3 { try await server.sql("UPDATE things SET amount = amount + 10", in: name) }
            return try await transaction.query(
                "UPDATE things SET amount = $1 WHERE id = 1 RETURNING amount",
                [.integer(try row["amount", as: Int64.self] + 1)])[0]["amount", as: Int64.self]
        }
        #expect(amount == 31 && attempts.current == 4)
        // Not for ever.
        await expect(.busy) {
            try await database.transaction { transaction in
                _ = try await transaction.query("SELECT amount FROM things WHERE id = 1")
                try await server.sql("UPDATE things SET amount = amount + 10", in: name)
                try await transaction.execute("UPDATE things SET amount = 0 WHERE id = 1")
            }
        }
        #expect(attempts.current == 4)
        await database.close()
    }

    @Test func `a deadlock with another program is resolved`() async throws {
        let server = try await PostgresServer.shared
        let name = try await server.newDatabase()
        let database = try await server.open(try await server.url(name)) { $0.idleInTransactionTimeout = .seconds(60) }
        try await database.migrate([DatabaseConformance.tables])
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1), (2)") }
        let attempts = Sequence()
        let other = Mutex<Task<Void, any Error>?>(nil)
        try await database.transaction { transaction in
            try await transaction.execute("UPDATE things SET amount = 1 WHERE id = 1")
            if attempts.next() == 1 {
                other.withLock {
                    $0 = Task.detached {
                        try await server.sql(
                            """
                            BEGIN; SET LOCAL deadlock_timeout = '10s'; UPDATE things SET amount = 5 WHERE id = 2;
                            UPDATE things SET amount = 5 WHERE id = 1; COMMIT
                            """, in: name)
                    }
                }
                try await eventually("the other program's wait") {
                    // Of this database alone: other tests' programs wait for locks of the same server.
                    try await server.sql(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """, in: name) == "1\n"
                }
            }
            try await transaction.execute("UPDATE things SET amount = 2 WHERE id = 2")
        }
        try await other.withLock { $0 }?.value
        // Once is certain. The other program may be slow to go on, and stand in the way of the next attempt too.
        #expect(attempts.current >= 2)
        let rows = try await database.read { try await $0.query("SELECT amount FROM things ORDER BY id") }
        #expect(rows.map { $0.values[0] } == [1, 2])
        await database.close()
    }

    @Test func `statements are prepared anew after the schema changed`() async throws {
        let server = try await PostgresServer.shared
        let name = try await server.newDatabase()
        let database = try await server.open(try await server.url(name)) { $0.statementLimit = 8 }
        try await database.migrate([DatabaseConformance.tables])
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        let ask = { @Sendable in try await database.read { try await $0.query("SELECT * FROM things") }[0].columns }
        #expect(try await ask() == ["id", "name", "size", "amount"])
        try await server.sql("ALTER TABLE things ADD COLUMN colour TEXT", in: name)
        #expect(try await ask() == ["id", "name", "size", "amount", "colour"])
        for number in 0..<12 {
            #expect(try await database.read { try await $0.query("SELECT \(number) AS n") }[0]["n"] == number)
        }
        await database.close()
    }

    @Test func `an address that is wrong or leads nowhere is unavailable, and no password is told`() async throws {
        let server = try await PostgresServer.shared
        let port = try freePort()
        for url in [
            "mysql://root:hunter2@localhost/x", "postgres://u:hunter2@localhost:port/x",
            "host=localhost password=hunter2",
            "postgres://u:hunter2@127.0.0.1:\(port)/x", "postgres://u:hunter2@nowhere.invalid/x",
            "postgres://postgres:hunter2@127.0.0.1:\(server.port)/nowhere",
            "postgres://postgres:hunter2@127.0.0.1:\(server.port)/postgres?sslmode=require",
        ] {
            let configuration = PostgresConfiguration(url: Secret(url))
            let error = await #expect(throws: StoreError.self, "\(url)") {
                try await PostgresDatabase.open(configuration, group: loops)
            }
            #expect(error?.kind == .unavailable, "\(url)")
            #expect(error.map { !"\($0)\(configuration)".contains("hunter2") } == true, "\(url): \(error!)")
        }
    }

    @Test func `connections are encrypted and the server is verified as the address demands`() async throws {
        let certificate = try CertificateFiles()
        let server = try await PostgresServer(encrypted: certificate.files)
        let plain = try await server.url()
        let verified = "\(plain.replacing("127.0.0.1", with: "localhost"))?sslmode=verify-full"
        let database = try await server.open("\(verified)&sslrootcert=\(certificate.files.authority)")
        let rows = try await database.read { reader in
            try await reader.query(
                "SELECT ssl, repeat('x', 300000) AS text FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        }
        #expect(try rows[0]["ssl", as: Bool.self])
        #expect(try rows[0]["text", as: String.self].utf8.count == 300_000)
        await database.close()
        let other = try CertificateFiles()
        await expect(.unavailable) { try await server.open("\(verified)&sslrootcert=\(other.files.authority)") }
    }
}
