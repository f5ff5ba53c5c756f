import Bus
import Core
import EventLoop
import Foundation
import Store
import Testing
import TestSupport

/// Several processes with a relay each, on one PostgreSQL.
struct RelayLeadTests {
    private static let loops = EventLoopGroup(count: 2)

    private func open(_ url: String) async throws -> PostgresDatabase {
        try await PostgresDatabase.open(PostgresConfiguration(url: Secret(url)), group: Self.loops)
    }

    private func relay(_ database: PostgresDatabase, _ bus: LocalBus) -> Relay {
        var configuration = Relay.Configuration()
        configuration.poll = .seconds(3600)
        configuration.batch = 16
        return Relay(database: database, bus: bus, configuration: configuration)
    }

    private func append(_ database: PostgresDatabase, _ count: Int) async throws {
        for _ in 0..<count {
            try await database.transaction { try await $0.append(EventDraft(topic: "t", kind: "k", payload: "{}")) }
        }
    }

    @Test func `of two relays one publishes, what either process commits, in order and once`() async throws {
        let url = try await PostgresServer.shared.url()
        let databases = [try await open(url), try await open(url)]
        try await databases[0].migrate([])
        let (bus, received) = (LocalBus(), Received())
        let subscription = bus.subscribe { received.record($0) }
        try await running(relay(databases[0], bus)) {
            try await running(relay(databases[1], bus)) {
                try await withThrowingTaskGroup { group in
                    for database in databases + databases { group.addTask { try await append(database, 50) } }
                    try await group.waitForAll()
                }
                try await received.wait { $0.count >= 200 }
            }
        }
        #expect(received.numbers == Array(1...200))
        subscription.cancel()
        for database in databases { await database.close() }
    }

    @Test func `when the leader stops, the other goes on where it was`() async throws {
        let url = try await PostgresServer.shared.url()
        let databases = [try await open(url), try await open(url)]
        try await databases[0].migrate([])
        let (bus, received) = (LocalBus(), Received())
        let subscription = bus.subscribe { received.record($0) }
        let first = Task { try await relay(databases[0], bus).run() }
        try await append(databases[1], 10)
        try await received.wait { $0.count == 10 }
        try await running(relay(databases[1], bus)) {
            first.cancel()
            try await first.value
            let stopped = ContinuousClock.now
            try await append(databases[0], 10)
            try await received.wait { $0.count == 20 }
            // Two seconds are promised; a busy machine gets some more.
            #expect(ContinuousClock.now - stopped < .seconds(6))
        }
        #expect(received.numbers == Array(1...20))
        subscription.cancel()
        for database in databases { await database.close() }
    }

    @Test func `a relay outlives its server, and publishes what was committed before and after`() async throws {
        let server = try await PostgresServer()
        let database = try await open(try await server.url())
        try await database.migrate([])
        let (bus, received) = (LocalBus(), Received())
        let subscription = bus.subscribe { received.record($0) }
        try await running(relay(database, bus)) {
            try await append(database, 5)
            server.kill()
            try await server.start()
            try await eventually { (try? await append(database, 1)) != nil }
            try await received.wait { $0.last?.number == 6 }
        }
        // What was published when the server died may be published again.
        #expect(Set(received.numbers) == Set(1...6))
        subscription.cancel()
        await database.close()
    }
}
