import Core
import EventLoop
import Testing
import Web

/// A server on a free port of the loopback, stopped when the body is done.
struct LiveServer {
    let server: HTTPServer
    let group: EventLoopGroup
    let port: Int

    static func run(
        _ router: Router, log: Log = .none, metrics: Metrics = Metrics(), loops: Int = 1,
        configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (LiveServer) async throws -> Void
    ) async throws {
        var configuration = HTTPServerConfiguration()
        configuration.drainTimeout = .seconds(2)
        // A machine that is busy with other tests is slow; those who test a timeout set it.
        configuration.headTimeout = .seconds(120)
        configuration.bodyTimeout = .seconds(120)
        configuration.idleTimeout = .seconds(120)
        configure(&configuration)
        let group = EventLoopGroup(count: loops)
        let server = HTTPServer(
            configuration: configuration, router: router, group: group, log: log, metrics: metrics)
        do {
            let port = try await server.start()
            try await body(LiveServer(server: server, group: group, port: port))
        } catch {
            await server.shutdown()
            await group.shutdown()
            throw error
        }
        await server.shutdown()
        await group.shutdown()
    }

    func connect() async throws -> RawClient { try await RawClient.connect(port: port, group: group) }

    /// One request on a connection of its own; the whole answer.
    func exchange(_ text: String) async throws -> RawResponse {
        let client = try await connect()
        try await client.send(text)
        return try await client.response(to: String(text.prefix { $0 != " " }))
    }
}
