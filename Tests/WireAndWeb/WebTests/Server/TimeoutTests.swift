import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct TimeoutTests {
    private static func router(_ more: (inout RouterBuilder) -> Void = { _ in }) -> Router {
        Router { routes in
            more(&routes)
            routes.get("/") { _ in .text("hello") }
            routes.post("/echo") { .bytes($0.body, type: "application/octet-stream") }
            routes.get("/large") { _ in .bytes([UInt8](repeating: 0, count: 64 << 20), type: "application/octet-stream")
            }
        }
    }

    @Test func `a head that arrives too slowly times out`() async throws {
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

    @Test func `a body that arrives too slowly times out`() async throws {
        try await LiveServer.run(Self.router(), configure: { $0.bodyTimeout = .milliseconds(100) }) { live in
            let client = try await live.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(try await client.response().status == 408)
            try await client.readToEnd()
        }
    }

    @Test func `a connection that sends nothing is closed without a response`() async throws {
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

    @Test func `a client that doesn't read its response times out`() async throws {
        let isAsked = Box(false)
        let router = Self.router { routes in
            routes.use(
                Middleware { request, next in
                    isAsked.set(true)
                    return try await next(request)
                })
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
        let router = Self.router { routes in
            routes.get("/slow") { _ in
                try await Task.sleep(for: .seconds(5))
                return .text("done")
            }
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

    // MARK: Handlers

    /// A handler that ends when it's told to, whether or not it's cancelled.
    private struct Hung {
        let entered = Box(false)
        let ended = Box(false)
        let wasCancelled = Box(false)
        private let gate: AsyncStream<Never>
        private let opener: AsyncStream<Never>.Continuation

        init() { (gate, opener) = AsyncStream.makeStream() }

        func wait() async {
            entered.set(true)
            // A task of its own doesn't hear of the cancellation.
            await Task { [gate] in for await _ in gate {} }.value
            wasCancelled.set(Task.isCancelled)
            ended.set(true)
        }

        func end() { opener.finish() }
    }

    @Test(arguments: ["GET", "HEAD"])
    func `a handler that hangs times out, whether or not it obeys its cancellation`(method: String) async throws {
        let (lines, metrics, hung) = (Box<[String]>([]), Metrics(), Hung())
        let router = Self.router { routes in
            routes.get("/hung") { _ in
                await hung.wait()
                return .text("late")
            }
        }
        try await LiveServer.run(
            router, log: Log { line in lines.change { $0.append(line) } }, metrics: metrics,
            configure: { $0.handlerTimeout = .milliseconds(100) }
        ) { live in
            defer { hung.end() }
            let client = try await live.connect()
            try await client.send("\(method) /hung HTTP/1.1\r\nHost: a\r\nX-Request-Id: my-request-1\r\n\r\n")
            let response = try await client.response(to: method)
            #expect(response.status == 503)
            #expect(response.header("connection") == "close")
            #expect(response.header("x-request-id") == "my-request-1")
            #expect(response.text.contains(#""code":"handler_timeout""#) == (method == "GET"))
            try await client.readToEnd()
            try await eventually("the connection is gone") { live.server.connectionCount == 0 }
            #expect(!hung.ended.value)
            // What it does afterwards reaches nobody.
            hung.end()
            try await eventually("the handler ends") { hung.ended.value }
            #expect(hung.wasCancelled.value)
            #expect(client.received.isEmpty)
        }
        let line = try #require(lines.value.first { $0.contains("a handler took too long") })
        #expect(line.contains("my-request-1") && line.contains("path=/hung"))
        #expect(metrics.rendered().contains("http_requests_timed_out_total 1\n"))
    }

    @Test func `a handler that hangs times out although its client has ended its side`() async throws {
        let hung = Hung()
        let router = Self.router { routes in
            routes.get("/hung") { _ in
                await hung.wait()
                return .text("late")
            }
        }
        try await LiveServer.run(router, configure: { $0.handlerTimeout = .seconds(1) }) { live in
            defer { hung.end() }
            let client = try await live.connect()
            try await client.send("GET /hung HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the handler runs") { hung.entered.value }
            try await client.endSending()
            try await eventually("the connection is gone") { live.server.connectionCount == 0 }
            #expect(!hung.ended.value)
        }
    }

    @Test(arguments: ["keep-alive", "close"])
    func `a body that stops is cut off`(connection: String) async throws {
        let hung = Hung()
        let router = Self.router { routes in
            routes.get("/hung") { _ in
                Response(
                    body: .produced(length: nil) { body in
                        try await body.write([1])
                        await hung.wait()
                    })
            }
        }
        // Enough for the body to begin.
        try await LiveServer.run(router, configure: { $0.handlerTimeout = .seconds(5) }) { live in
            defer { hung.end() }
            let client = try await live.connect()
            try await client.send("GET /hung HTTP/1.1\r\nHost: a\r\nConnection: \(connection)\r\n\r\n")
            try await eventually("the connection is gone") { hung.entered.value && live.server.connectionCount == 0 }
            await #expect(throws: RawClient.Ended.self) { try await client.response() }
        }
    }

    @Test func `a body may take longer than that if its client is slow and it goes on`() async throws {
        // Much more than the sockets hold.
        let (piece, count) = ([UInt8](repeating: 7, count: 1 << 20), 16)
        let written = Box(0)
        let router = Self.router { routes in
            routes.get("/long") { _ in
                Response(
                    body: .produced(length: piece.count * count) { body in
                        for _ in 0..<count {
                            try await body.write(piece)
                            written.increment()
                        }
                        try await Task.sleep(for: .milliseconds(100))
                    })
            }
        }
        try await LiveServer.run(
            router, configure: { ($0.handlerTimeout, $0.writeTimeout) = (.seconds(5), .seconds(120)) }
        ) { live in
            let client = try await live.connect()
            try await client.pauseReading()
            try await client.send("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await eventually("it begins") { written.value > 0 }
            let began = ContinuousClock.now
            try await eventually("a handler's time is over") { began.duration(to: .now) > .seconds(7) }
            #expect(written.value < count)
            try await client.resumeReading()
            try await eventually("the server ends the connection", within: .seconds(120)) { client.hasEnded }
            #expect(client.receivedCount > piece.count * count)
        }
    }

    @Test func `streams outlast the time of a handler`() async throws {
        let (stream, hung) = (Box<LoopBound<EventStream>?>(nil), Hung())
        let router = Self.router { routes in
            routes.get("/hung") { _ in
                await hung.wait()
                return .noContent
            }
            routes.get("/stream") { _ in
                .eventStream { new in stream.set(new.loop.map { LoopBound(new, loop: $0) }) }
            }
        }
        try await LiveServer.run(router, configure: { $0.handlerTimeout = .milliseconds(500) }) { live in
            let client = try await live.connect()
            try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("the stream is open") { stream.value != nil }
            // Of requests that come after it, one has to go.
            defer { hung.end() }
            #expect(try await live.exchange("GET /hung HTTP/1.1\r\nHost: a\r\n\r\n").status == 503)
            try await stream.value?.withValue { $0.send([UInt8]("data: still here\n\n".utf8)) }
            try await client.read(until: "still here")
            #expect(!client.hasEnded)
        }
    }
}
