import Store
import Testing

/// What every database promises, checked against a real one: each backend's tests run all of it.
struct DatabaseConformance {
    /// Opens a new, empty database.
    let makeDatabase: @Sendable () async throws -> any Database

    static let tables = MigrationSet(
        owner: "conformance",
        [
            Migration(
                1, "things",
                [
                    """
                    CREATE TABLE things (
                        id BIGINT PRIMARY KEY,
                        name TEXT UNIQUE,
                        size DOUBLE PRECISION,
                        amount BIGINT NOT NULL DEFAULT 0 CHECK (amount >= 0))
                    """,
                    "CREATE TABLE parts (id BIGINT PRIMARY KEY, thing BIGINT NOT NULL REFERENCES things (id))",
                ])
        ])

    func open() async throws -> any Database {
        let database = try await makeDatabase()
        try await database.migrate([Self.tables])
        return database
    }

    func run() async throws {
        try await valuesComeBackAsTheyWere()
        try await placeholdersAreNumbered()
        try await rowsAreTyped()
        try await countsChangedRows()
        try await aThrowingBodyLeavesNothing()
        try await aCancelledTransactionLeavesNothing()
        try await aWaitingTransactionCanBeCancelled()
        try await violationsAreToldApart()
        try await aFailedStatementSpoilsItsTransaction()
        try await nestingIsRefused()
        try await anEscapedTransactionIsDead()
        try await readsSeeOneSnapshot()
        try await questionsSeeWhatWasCommitted()
        try await concurrentIncrementsAllCount()
        try await transactionsBeginInOrder()
        try await eventsAreNumberedInCommitOrder()
        try await theEventLogReadsBack()
        try await aLogThatIsSetBackIsNoticed()
        try await aLogThatWasSetBackBecomesAnotherOnce()
        try await numbersAreFoundByTag()
        try await aClosedDatabaseSaysSo()
    }

    func valuesComeBackAsTheyWere() async throws {
        let database = try await open()
        let text = "naïve 🎲 \u{0}x' \"\n"
        try await database.transaction { transaction in
            try await transaction.execute(
                "INSERT INTO things (id, name, size, amount) VALUES ($1, $2, $3, $4)",
                [.integer(.max), .text(text.replacing("\u{0}", with: "")), 0.1, 7])
            try await transaction.execute("INSERT INTO things (id, name) VALUES ($1, $2)", [.integer(.min), ""])
            try await transaction.execute("INSERT INTO things (id, name) VALUES ($1, $2)", [0, nil])
        }
        let rows = try await database.read {
            try await $0.query("SELECT id, name, size, amount FROM things ORDER BY id")
        }
        #expect(rows.map(\.columns) == Array(repeating: ["id", "name", "size", "amount"], count: 3))
        #expect(rows[0].values == [.integer(.min), "", nil, 0])
        #expect(rows[1].values == [0, nil, nil, 0])
        #expect(rows[2].values == [.integer(.max), .text(text.replacing("\u{0}", with: "")), 0.1, 7])
        await database.close()
    }

    func questionsSeeWhatWasCommitted() async throws {
        let database = try await open()
        let amounts = Statement("SELECT amount FROM things WHERE id = $1", [1])
        #expect(try await database.query(amounts).isEmpty)
        try await database.transaction { transaction in
            try await transaction.execute("INSERT INTO things (id, amount) VALUES (1, 5)")
            await expect(.nestedTransaction) { _ = try await database.query(amounts) }
        }
        // One that fails is over: whatever is asked next has nothing to do with it.
        for _ in 0..<10 {
            await expect(.invalidStatement) { _ = try await database.query(Statement("SELECT nothing")) }
        }
        #expect(try await database.query(amounts).map(\.values) == [[5]])
        #expect(try await database.read { try await $0.query([amounts, amounts]) }.map { $0[0].values } == [[5], [5]])
        await database.close()
        await expect(.unavailable) { _ = try await database.query(amounts) }
    }

    func placeholdersAreNumbered() async throws {
        let database = try await open()
        let rows = try await database.read { reader in
            try await reader.query(
                "SELECT CAST($2 AS TEXT) AS second, CAST($1 AS TEXT) AS first, CAST($2 AS TEXT) AS again", ["a", "b"])
        }
        #expect(try rows[0]["first"] == "a")
        #expect(try rows[0]["second"] == "b")
        #expect(try rows[0]["again"] == "b")
        for values: [Value] in [[], ["a"], ["a", "b", "c"]] {
            await expect(.invalidStatement) {
                try await database.read { try await $0.query("SELECT CAST($1 AS TEXT), CAST($2 AS TEXT)", values) }
            }
        }
        await database.close()
    }

    func rowsAreTyped() async throws {
        let database = try await open()
        let rows = try await database.transaction { transaction in
            try await transaction.query(
                "INSERT INTO things (id, name, size) VALUES (1, 'one', NULL) RETURNING id, name, size")
        }
        let row = try #require(rows.first)
        #expect(try row["id", as: Int64.self] == 1)
        #expect(try row["id", as: Bool.self])
        #expect(try row["name", as: String?.self] == "one")
        #expect(try row["size", as: Double?.self] == nil)
        await expect(.decoding) { _ = try row["name", as: Int.self] }
        await expect(.decoding) { _ = try row["size", as: Double.self] }
        await expect(.decoding) { _ = try row["colour", as: String.self] }
        await database.close()
    }

    func countsChangedRows() async throws {
        let database = try await open()
        let counts = try await database.transaction { transaction in
            [
                try await transaction.execute("INSERT INTO things (id) VALUES (1), (2), (3)"),
                try await transaction.execute("UPDATE things SET amount = 5 WHERE id > $1", [1]),
                try await transaction.execute("UPDATE things SET amount = 5 WHERE id > $1", [9]),
                try await transaction.execute("INSERT INTO things (id) VALUES (1) ON CONFLICT (id) DO NOTHING"),
                try await transaction.execute("DELETE FROM things"),
            ]
        }
        #expect(counts == [3, 2, 0, 0, 3])
        await database.close()
    }

    func aThrowingBodyLeavesNothing() async throws {
        struct Refusal: Error {}
        let database = try await open()
        await #expect(throws: Refusal.self) {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO things (id) VALUES (1)")
                try await transaction.append(EventDraft(topic: "t", kind: "k", payload: "{}"))
                throw Refusal()
            }
        }
        #expect(try await count(database) == 0)
        #expect(try await DatabaseEventLog(database).lastNumber == 0)
        await database.close()
    }

    func aCancelledTransactionLeavesNothing() async throws {
        let database = try await open()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (never, hold) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO things (id) VALUES (1)")
                start.finish()
                // Ends early, and without an error, because the task is cancelled.
                for await _ in never {}
            }
        }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        hold.finish()
        #expect(try await count(database) == 0)
        await database.close()
    }

    func aWaitingTransactionCanBeCancelled() async throws {
        let database = try await open()
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO things (id) VALUES (1)")
                    start.finish()
                    for await _ in hold {}
                }
            }
            for await _ in started {}
            let waiting = Task {
                try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (2)") }
            }
            waiting.cancel()
            // It ends although the transaction before it doesn't.
            await #expect(throws: CancellationError.self) { try await waiting.value }
            release.finish()
            try await group.waitForAll()
        }
        #expect(try await count(database) == 1)
        await database.close()
    }

    func violationsAreToldApart() async throws {
        let database = try await open()
        try await database.transaction { try await $0.execute("INSERT INTO things (id, name) VALUES (1, 'one')") }
        let cases: [(String, StoreError.Kind)] = [
            ("INSERT INTO things (id) VALUES (1)", .uniqueViolation),
            ("INSERT INTO things (id, name) VALUES (2, 'one')", .uniqueViolation),
            ("INSERT INTO parts (id, thing) VALUES (1, 99)", .foreignKeyViolation),
            ("INSERT INTO parts (id, thing) VALUES (1, NULL)", .constraintViolation),
            ("INSERT INTO things (id, amount) VALUES (3, -1)", .constraintViolation),
            ("INSERT INTO nowhere (id) VALUES (3)", .invalidStatement),
            ("INSERT SIDEWAYS", .invalidStatement),
        ]
        for (sql, kind) in cases {
            await expect(kind) { try await database.transaction { try await $0.execute(sql) } }
        }
        try await database.transaction { try await $0.execute("INSERT INTO parts (id, thing) VALUES (1, 1)") }
        await expect(.foreignKeyViolation) {
            try await database.transaction { try await $0.execute("DELETE FROM things WHERE id = 1") }
        }
        await database.close()
    }

    func aFailedStatementSpoilsItsTransaction() async throws {
        let database = try await open()
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        await expect(.uniqueViolation) {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO things (id) VALUES (2)")
                _ = try? await transaction.execute("INSERT INTO things (id) VALUES (1)")
                await expect(.transactionEnded) { _ = try await transaction.query("SELECT 1 AS one") }
            }
        }
        #expect(try await count(database) == 1)
        await database.close()
    }

    func nestingIsRefused() async throws {
        let database = try await open()
        let other = try await open()
        try await database.transaction { transaction in
            await expect(.nestedTransaction) { try await database.transaction { _ in } }
            await expect(.nestedTransaction) { try await database.read { _ in } }
            // Another database is another matter.
            _ = try await other.read { try await $0.query("SELECT 1 AS one") }
            try await transaction.execute("INSERT INTO things (id) VALUES (1)")
        }
        try await database.read { _ in
            await expect(.nestedTransaction) { try await database.transaction { _ in } }
        }
        #expect(try await count(database) == 1)
        await database.close()
        await other.close()
    }

    func anEscapedTransactionIsDead() async throws {
        let database = try await open()
        let escaped = try await database.transaction { $0 }
        await expect(.transactionEnded) { try await escaped.execute("INSERT INTO things (id) VALUES (1)") }
        try await database.transaction { _ in
            await expect(.transactionEnded) { try await escaped.execute("INSERT INTO things (id) VALUES (1)") }
        }
        #expect(try await count(database) == 0)
        await database.close()
    }

    func readsSeeOneSnapshot() async throws {
        let database = try await open()
        let (committed, commit) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        async let counts = database.read { reader in
            let before = try await reader.query("SELECT id FROM things").count
            start.finish()
            for await _ in committed {}
            return (before, try await reader.query("SELECT id FROM things").count)
        }
        for await _ in started {}
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        commit.finish()
        #expect(try await counts == (0, 0))
        #expect(try await count(database) == 1)
        await database.close()
    }

    func concurrentIncrementsAllCount() async throws {
        let database = try await open()
        try await database.transaction { try await $0.execute("INSERT INTO things (id) VALUES (1)") }
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    try await database.transaction { transaction in
                        let amount = try await transaction.query("SELECT amount FROM things WHERE id = 1")[0][
                            "amount", as: Int64.self]
                        await Task.yield()
                        try await transaction.execute(
                            "UPDATE things SET amount = $1 WHERE id = 1", [.integer(amount + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await database.read { try await $0.query("SELECT amount FROM things") }
        #expect(try rows[0]["amount", as: Int.self] == 200)
        await database.close()
    }

    func transactionsBeginInOrder() async throws {
        let database = try await open()
        let order = Recorder<Int>()
        let (hold, release) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await database.transaction { _ in
                start.finish()
                for await _ in hold {}
            }
        }
        for await _ in started {}
        // The main actor runs each up to where it has to wait, in this order.
        let others = (0..<20).map { number in
            Task { @MainActor in try await database.transaction { _ in order.record(number) } }
        }
        await Task { @MainActor in release.finish() }.value
        try await first.value
        for task in others { try await task.value }
        #expect(order.elements == Array(0..<20))
        await database.close()
    }

    func aClosedDatabaseSaysSo() async throws {
        let database = try await open()
        await database.close()
        await database.close()
        await expect(.unavailable) { try await database.transaction { _ in } }
        await expect(.unavailable) { try await database.read { _ in } }
    }

    private func count(_ database: any Database) async throws -> Int {
        try await database.read { try await $0.query("SELECT id FROM things") }.count
    }
}
