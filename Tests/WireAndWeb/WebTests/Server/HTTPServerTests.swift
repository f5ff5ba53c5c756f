import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct HTTPServerTests {
    /// Echoes what it is sent; `/slow/:name` waits for its gate.
    private static func router(_ more: (inout RouterBuilder) -> Void = { _ in }) -> Router {
        Router { routes in
            more(&routes)
            routes.get("/") { _ in .text("hello") }
            routes.get("/number/:n") { try .text("\($0.parameter("n", as: Int.self))") }
            routes.post("/echo") { .bytes($0.body, type: "application/octet-stream") }
            routes.get("/fail") { _ in throw Fault() }
        }
    }

    private struct Fault: Error {}

    @Test func `a connection serves one request after the other`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            for _ in 0..<3 {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.text == "hello")
                #expect(response.header("content-length") == "5")
                #expect(response.header("date")?.hasSuffix("GMT") == true)
                #expect(response.header("connection") == nil)
            }
            #expect(live.server.connectionCount == 1)
        }
    }

    @Test func `pipelined requests are answered in order, one at a time`() async throws {
        let running = Box(0)
        let most = Box(0)
        let router = Self.router { routes in
            routes.get("/wait/:n") { request in
                running.increment()
                let now = running.value
                most.change { $0 = max($0, now) }
                await Task.yield()
                running.change { $0 -= 1 }
                return .text(try request.parameter("n"))
            }
        }
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.send((0..<200).map { "GET /wait/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for number in 0..<200 {
                let response = try await client.response()
                #expect(response.text == "\(number)")
            }
        }
        #expect(most.value == 1)
    }

    @Test func `bytes may arrive one by one`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            for byte in "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8
            {
                try await client.send([byte])
            }
            let response = try await client.response()
            #expect(response.text == "abc")
        }
    }

    @Test func `a flood of pipelined requests stops being read, and all are answered`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            let count = 20_000
            try await client.send(
                [UInt8](String(repeating: "GET /number/7 HTTP/1.1\r\nHost: a\r\n\r\n", count: count).utf8))
            try await client.send("GET /number/8 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await eventually("the last is answered", within: .seconds(60)) { client.hasEnded }
            #expect(
                client.text.split(separator: "HTTP/1.1 200 OK", omittingEmptySubsequences: false).count == count + 2)
            #expect(client.text.hasSuffix("\r\n\r\n8"))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true),
        ("GET / HTTP/1.0\r\n\r\n", true),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false),
    ]) func `the connection is kept or closed as the client wishes`(_ request: String, _ closes: Bool) async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send(request)
            let response = try await client.response()
            #expect(response.text == "hello")
            #expect((response.header("connection") == "close") == closes)
            if closes {
                try await client.readToEnd()
            } else {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().text == "hello")
            }
        }
    }

    @Test func `HEAD is answered like GET without the body`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await client.response(to: "HEAD")
            #expect(head.status == 200)
            #expect(head.header("content-length") == "5")
            #expect(head.header("content-type") == "text/plain; charset=utf-8")
            #expect(try await client.response().text == "hello")
        }
    }

    @Test func `a client that waits for 100 Continue gets it before the answer`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            try await client.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("abc")
            #expect(try await client.response().text == "abc")
        }
    }

    @Test func `a body that is declared too large is refused before it is sent`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
            try await client.read(until: "\r\n\r\n")
            #expect(!client.text.contains("100 Continue"))
            let response = try await client.response()
            #expect(response.status == 413)
            #expect(response.header("connection") == "close")
        }
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        let name: String
        let status: Int
        let request: String
        var testDescription: String { name }
    }

    private static let malformed = [
        Malformed(
            name: "malformed_header_name", status: 400, request: "GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n"),
        Malformed(name: "missing_host", status: 400, request: "GET / HTTP/1.1\r\n\r\n"),
        Malformed(
            name: "start_line_too_long", status: 414,
            request: "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n"),
        Malformed(
            name: "headers_too_large", status: 431,
            request: "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n"),
        Malformed(
            name: "body_too_large", status: 413,
            request: "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n"),
        Malformed(name: "unsupported_version", status: 505, request: "GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        Malformed(
            name: "unsupported_transfer_encoding", status: 501,
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        Malformed(name: "control_character", status: 400, request: "\u{0}\u{1}\u{2}\r\n\r\n"),
    ]

    @Test(arguments: malformed) func `a malformed request gets an error and the connection's end`(
        _ malformed: Malformed
    ) async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send(malformed.request)
            let response = try await client.response()
            #expect(response.status == malformed.status)
            #expect(response.header("connection") == "close")
            #expect(response.header("content-type") == "application/json")
            #expect(response.text.hasPrefix("{\"error\":{\"code\":\"\(malformed.name)\",\"message\":\""))
            try await client.readToEnd()
        }
    }

    @Test func `the answer to a refused body arrives although the client goes on sending`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
            try await client.send([UInt8](repeating: 0x61, count: 3_000_000))
            #expect(try await client.response().status == 413)
        }
    }

    @Test func `large bodies travel both ways`() async throws {
        let body = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await LiveServer.run(Self.router(), configure: { $0.requestLimits.body = 16 << 20 }) { live in
            let client = try await live.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
            try await client.send(body)
            try await eventually("all is echoed", within: .seconds(60)) { client.receivedCount > body.count }
            let response = try await client.response()
            #expect(response.body == body)
        }
    }

    @Test func `a produced body waits for its reader and ends where it should`() async throws {
        let pieces = Box(0)
        let router = Self.router { routes in
            routes.get("/chunks") { _ in
                Response(
                    body: .produced(length: nil) { writer in
                        for _ in 0..<400 {
                            try await writer.write([UInt8](repeating: 0x62, count: 64 * 1024))
                            pieces.increment()
                        }
                    })
            }
        }
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.pauseReading()
            try await client.send("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the first pieces are written") { pieces.value > 0 }
            // What the system's buffers hold is far less than the whole.
            #expect(pieces.value < 300)
            try await client.resumeReading()
            try await eventually("both answers are there", within: .seconds(60)) { client.text.hasSuffix("hello") }
            let response = try await client.response()
            #expect(response.header("transfer-encoding") == "chunked")
            #expect(response.body.count == 400 * 64 * 1024)
            #expect(try await client.response().text == "hello")
        }
    }

    @Test func `a produced body that breaks off ends the connection`() async throws {
        let router = Self.router { routes in
            routes.get("/broken") { _ in
                Response(
                    body: .produced(length: 10) { writer in
                        try await writer.write([1, 2, 3])
                        throw Fault()
                    })
            }
            routes.get("/short") { _ in Response(body: .produced(length: 10) { try await $0.write([1, 2, 3]) }) }
        }
        try await LiveServer.run(router) { live in
            for path in ["/broken", "/short"] {
                let client = try await live.connect()
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                try await client.readToEnd()
                await #expect(throws: (any Error).self) { try await client.response() }
            }
        }
    }

    @Test func `a client that goes in the middle of a produced body cancels it`() async throws {
        let outcome = Box<String?>(nil)
        let router = Self.router { routes in
            routes.get("/endless") { _ in
                Response(
                    body: .produced(length: nil) { writer in
                        do {
                            while true { try await writer.write([UInt8](repeating: 0, count: 64 * 1024)) }
                        } catch {
                            outcome.set("\(type(of: error))")
                            throw error
                        }
                    })
            }
        }
        try await LiveServer.run(router) { live in
            let client = try await live.connect()
            try await client.pauseReading()
            try await client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the body begins") { live.server.connectionCount == 1 }
            try await client.abort()
            try await eventually("the producer is told") { outcome.value == "CancellationError" }
            try await eventually("nothing is left") { live.server.connectionCount == 0 }
        }
    }

    @Test func `a client that only ends its side still gets its answers`() async throws {
        try await LiveServer.run(Self.router()) { live in
            let client = try await live.connect()
            try await client.send("GET /number/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /number/2 HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.endSending()
            #expect(try await client.response().text == "1")
            #expect(try await client.response().text == "2")
            try await client.readToEnd()
        }
    }

    @Test func `a handler's failure shows the client nothing but the request's identifier`() async throws {
        let lines = Box<[String]>([])
        let log = Log { line in lines.change { $0.append(line) } }
        let router = Router(log: log) { routes in
            routes.get("/fail") { _ in throw Fault() }
        }
        try await LiveServer.run(router, log: log) { live in
            let response = try await live.exchange(
                "GET /fail HTTP/1.1\r\nHost: a\r\nX-Request-Id: my-request-1\r\n\r\n")
            #expect(response.status == 500)
            #expect(response.text.contains("internal_error"))
            #expect(response.text.contains("my-request-1"))
            #expect(!response.text.contains("Fault"))
            #expect(response.header("x-request-id") == "my-request-1")
        }
        #expect(lines.value.contains { $0.contains("Fault") && $0.contains("my-request-1") })
    }
}
