import Core
import EventLoop
import Foundation
import Store
import TestServers
import Testing

/// Loops for the databases of all tests.
let loops = EventLoopGroup(count: 2)

extension PostgresServer {
    func open(
        _ url: String? = nil, _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws -> PostgresDatabase {
        var configuration = PostgresConfiguration(url: Secret(try url ?? self.url()))
        change(&configuration)
        return try await PostgresDatabase.open(configuration, group: loops)
    }
}

struct PostgresDatabaseTests {
    @Test func `PostgreSQL keeps the promises of a database`() async throws {
        let server = try await PostgresServer.shared
        try await DatabaseConformance { try await server.open() }.run()
    }
}
