import Core
import EventLoop
import Testing
import Web
import Wire

@Suite struct TimeoutTests {
    private static func router() -> Router {
        let router = Router()
        router.get("/") { _ in .text("hello") }
        router.post("/echo") { .bytes($0.body, type: "application/octet-stream") }
        router.get("/large") { _ in .bytes([UInt8](repeating: 0, count: 64 << 20), type: "application/octet-stream") }
        return router
    }

    @Test func `a head that comes too slowly is given up`() async throws {
        // The first bytes must come in time, or it counts as one that says nothing.
        try await LiveServer.run(Self.router(), configure: { $0.headTimeout = .seconds(3) }) { live in
            let client = try await live.connect()
            try await client.send("GET / HTTP/1.1\r\n")
            // Single bytes now and then don't buy more time.
            let drip = Task {
                while !client.hasEnded {
                    try await client.send("X")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let response = try await client.response()
            #expect(response.status == 408)
            #expect(response.text.contains("request_timeout"))
            #expect(response.header("connection") == "close")
            drip.cancel()
        }
    }

    @Test func `a body that comes too slowly is given up`() async throws {
        try await LiveServer.run(Self.router(), configure: { $0.bodyTimeout = .milliseconds(100) }) { live in
            let client = try await live.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(try await client.response().status == 408)
            try await client.readToEnd()
        }
    }

    @Test func `a connection that says nothing is closed without a word`() async throws {
        try await LiveServer.run(Self.router(), configure: { $0.headTimeout = .milliseconds(600) }) { live in
            let client = try await live.connect()
            try await client.readToEnd()
            #expect(client.received.isEmpty)
        }
    }

    @Test func `a kept connection that stays silent is closed`() async throws {
        try await LiveServer.run(Self.router(), configure: { $0.idleTimeout = .milliseconds(100) }) { live in
            let client = try await live.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            try await client.readToEnd()
            #expect(client.received.isEmpty)
        }
    }

    @Test func `a client that doesn't take its answer is given up`() async throws {
        let router = Self.router()
        let isAsked = Box(false)
        router.use { request, next in
            isAsked.set(true)
            return try await next(request)
        }
        try await LiveServer.run(router, configure: { $0.writeTimeout = .milliseconds(200) }) { live in
            let client = try await live.connect()
            try await client.pauseReading()
            try await client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it is asked for") { isAsked.value }
            try await eventually("it is gone") { live.server.connectionCount == 0 }
        }
    }

    @Test func `a handler may take longer than any of these`() async throws {
        let router = Self.router()
        router.get("/slow") { _ in
            try await Task.sleep(for: .seconds(5))
            return .text("done")
        }
        try await LiveServer.run(
            router,
            configure: {
                $0.headTimeout = .seconds(3)
                $0.bodyTimeout = .seconds(3)
                $0.idleTimeout = .seconds(3)
                $0.writeTimeout = .seconds(3)
            }
        ) { live in
            let response = try await live.exchange("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(response.text == "done")
        }
    }
}
