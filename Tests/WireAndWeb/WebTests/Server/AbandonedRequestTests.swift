import Core
import Testing
import TestSupport
import Web

/// Requests whose client goes before there is an answer: nobody's fault, and not counted as one.
struct AbandonedRequestTests {
    private struct Fault: Error {}

    /// How a handler ends once it has been cancelled.
    enum Ending: CaseIterable, Sendable {
        case cancellation, fault, refusal, answer

        func end() throws -> Response {
            switch self {
            case .cancellation: throw CancellationError()
            case .fault: throw Fault()
            case .refusal: throw HTTPError(503, "away", "It's away.")
            case .answer: return .error(HTTPError(502, "away", "It's away."))
            }
        }
    }

    private struct Site {
        let lines = Box<[String]>([])
        let metrics = Metrics()
        let entered = Box(false)
        let router: Router

        init(_ ending: Ending) {
            let log = Log { [lines] line in lines.change { $0.append(line) } }
            router = Router(log: log) { [metrics, entered] routes in
                routes.finish(AccessLog(log: log, metrics: metrics).finisher)
                routes.get("/slow") { _ in
                    entered.set(true)
                    try? await Task.sleep(for: .seconds(600))
                    return try ending.end()
                }
            }
        }

        func check() throws {
            #expect(lines.value.count == 1)
            let line = try #require(lines.value.first)
            #expect(line.contains(" info ") && line.contains("path=/slow status=499 "))
            #expect(metrics.rendered().contains("http_requests_abandoned_total 1\n"))
            #expect(metrics.rendered().contains("http_requests_total{status=\"5xx\"} 0\n"))
            #expect(metrics.rendered().contains("http_request_duration_seconds_count 0\n"))
        }
    }

    @Test(arguments: Ending.allCases)
    func `a handler whose client has gone is not counted as a failure`(ending: Ending) async throws {
        let site = Site(ending)
        try await LiveServer.run(site.router) { live in
            let client = try await live.connect()
            try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the handler runs") { site.entered.value }
            try await client.abort()
            try await eventually("it's told") { !site.lines.value.isEmpty }
        }
        try site.check()
    }

    @Test func `a client that ended its side sees by the connection's end that there is no response`() async throws {
        let site = Site(.cancellation)
        try await LiveServer.run(site.router) { live in
            let client = try await live.connect()
            try await client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the handler runs") { site.entered.value }
            try await client.endSending()
            try await client.readToEnd()
            await #expect(throws: RawClient.Ended.self) { try await client.response() }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
        try site.check()
    }

    @Test func `a client that ended its side before its WebSocket was opened gets no WebSocket`() async throws {
        let (entered, opened) = (Box(false), Box(false))
        let router = Router { routes in
            routes.get("/socket") { _ in
                entered.set(true)
                try? await Task.sleep(for: .seconds(600))
                return .webSocket { _ in opened.set(true) }
            }
        }
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.send(
                """
                GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """)
            try await eventually("the handler runs") { entered.value }
            try await client.endSending()
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
        #expect(!opened.value)
    }

    @Test func `a handler that gives itself up while its client waits has failed`() async throws {
        let lines = Box<[String]>([])
        let router = Router(log: Log { line in lines.change { $0.append(line) } }) { routes in
            routes.get("/") { _ in throw CancellationError() }
        }
        #expect(await router.respond(to: Request("GET", "/")).status == 500)
        #expect(lines.value.count == 1 && lines.value[0].contains("a handler failed"))
    }
}
