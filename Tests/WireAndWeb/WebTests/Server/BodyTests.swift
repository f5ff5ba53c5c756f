import Core
import Testing
import TestSupport
import Web
import Wire

/// Bodies are read only by who wants them, as far as there is room.
struct BodyTests {
    private static func router(log: Log = .none) -> Router {
        Router(log: log) { routes in
            routes.finish(AccessLog(log: log).finisher)
            routes.get("/here") { _ in .text("hello") }
            routes.post("/echo") { .text("\($0.body.count)") }
            routes.group("/small", bodyLimit: 10) { small in
                small.post("/:name") { .text("\($0.body.count)") }
                small.group("/large", bodyLimit: 20) { $0.post("/file") { .text("\($0.body.count)") } }
            }
            routes.post("/hold") { _ in
                try await Task.sleep(for: .seconds(600))
                return .noContent
            }
        }
    }

    private static func post(_ path: String, _ length: Int, method: String = "POST") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
    }

    @Test(arguments: [
        ("POST", "/nothing", 404, "not_found"), ("POST", "/here", 405, "method_not_allowed"),
        ("PUT", "/echo", 405, "method_not_allowed"), ("POST", "/%zz", 400, "malformed_path"),
        ("POST", "/small/a", 413, "body_too_large"), ("POST", "/echo", 413, "body_too_large"),
    ])
    func `what is refused anyway is refused before its body is sent`(
        _ method: String, _ path: String, _ status: Int, _ code: String
    ) async throws {
        let lines = Box<[String]>([])
        let router = Self.router(log: Log { line in lines.change { $0.append(line) } })
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.send(
                Self.post(path, 2_000_000, method: method).replacing(
                    "\r\n\r\n", with: "\r\nExpect: 100-continue\r\n\r\n"))
            let response = try await client.response()
            #expect(response.status == status)
            #expect(response.text.contains(#""code":"\#(code)""#))
            #expect(response.header("connection") == "close")
            #expect(response.header("x-request-id") != nil)
            #expect(!client.text.contains("100 Continue"))
            #expect((response.header("allow") != nil) == (status == 405))
            try await client.readToEnd()
            #expect(lines.value.count { $0.contains("path=\(path) status=\(status)") } == 1)
        }
    }

    @Test(arguments: Transport.allCases) func `a route has the limit of its innermost group`(_ transport: Transport)
        async throws
    {
        try await transport.run(Self.router()) { ask in
            for (path, limit) in [("/small/a", 10), ("/small/large/file", 20)] {
                let most = try await ask("POST", path, body: String(repeating: "x", count: limit))
                #expect(most.text == "\(limit)")
                let more = try await ask("POST", path, body: String(repeating: "x", count: limit + 1))
                #expect(more.status == 413)
            }
            #expect(try await ask("POST", "/echo", body: String(repeating: "x", count: 1000)).text == "1000")
        }
    }

    @Test func `requests without a body keep their connection, whatever their answer`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            for (request, status) in [
                (Self.post("/nothing", 0), 404), (Self.post("/here", 0), 405),
                (Self.post("/small/a", 10) + "0123456789", 200),
                ("GET /here HTTP/1.1\r\nHost: a\r\n\r\n", 200),
            ] {
                try await client.send(request)
                #expect(try await client.response().status == status)
            }
        }
    }

    @Test func `uploads take what memory there is for them, and leave short requests alone`() async throws {
        let metrics = Metrics()
        try await LiveServer.run(Self.router(), metrics: metrics, loops: 2, configure: { $0.bodyBudget = 100_000 }) {
            live in
            let piece = [UInt8](repeating: 0x61, count: 60_000)
            let slow = try await live.connect()
            try await slow.send(Self.post("/echo", 90_000))
            try await slow.send(piece)
            try await eventually("it has arrived") { metrics.rendered().contains("http_body_bytes 55904") }
            let other = try await live.connect()
            try await other.send(Self.post("/echo", 90_000))
            try await other.send(piece)
            let refusal = try await other.response()
            #expect(refusal.status == 503)
            #expect(refusal.header("retry-after") != nil && refusal.header("connection") == "close")
            #expect(metrics.rendered().contains("http_bodies_refused_total 1"))
            #expect(try await live.exchange(Self.post("/echo", 3) + "abc").text == "3")
            // The first goes on, and leaves its room to others once it has been answered.
            try await slow.send([UInt8](repeating: 0x61, count: 30_000))
            #expect(try await slow.response().text == "90000")
            for _ in 0..<3 {
                try await slow.send(Self.post("/echo", 60_000))
                try await slow.send(piece)
                #expect(try await slow.response().text == "60000")
            }
            // A handler holds its body, too.
            let held = try await live.connect()
            try await held.send(Self.post("/hold", 60_000))
            try await held.send(piece)
            try await eventually("it has been handed over") { metrics.rendered().contains("http_body_bytes 55904") }
            try await held.abort()
            try await eventually("all is free") { metrics.rendered().contains("http_body_bytes 0") }
        }
    }
}
