import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

/// What happens when a server, or a client's address, has all the connections it may have.
struct RoomTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let stream = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func router() -> Router {
        Router { routes in
            routes.get("/") { _ in .text("hello") }
            routes.get("/slow") { _ in
                try await Task.sleep(for: .seconds(600))
                return .text("late")
            }
            routes.get("/stream") { _ in .eventStream { $0.send([UInt8]("data: open\n\n".utf8)) } }
            routes.get("/socket") { _ in .webSocket { $0.send(text: "open") } }
        }
    }

    private static func refused(_ response: RawResponse, _ status: Int, _ code: String) {
        #expect(response.status == status)
        #expect(response.header("retry-after") != nil)
        #expect(response.header("connection") == "close")
        #expect(response.text.contains(code))
    }

    @Test(arguments: [1, 2])
    func `when all are busy, a further connection is answered 503`(loops: Int) async throws {
        let metrics = Metrics()
        try await LiveServer.run(
            Self.router(), metrics: metrics, loops: loops, configure: { $0.maximumConnections = 2 }
        ) {
            live in
            let stream = try await live.connect()
            try await stream.send(Self.stream)
            try await stream.read(until: "data: open")
            let slow = try await live.connect()
            try await slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("both are there") { live.server.connectionCount == 2 }
            let third = try await live.connect()
            try await third.send(Self.get)
            Self.refused(try await third.response(), 503, "overloaded")
            #expect(metrics.rendered().contains(#"http_connections_refused_total{reason="room"} 1"#))
            try await third.abort()
            try await slow.abort()
            try await eventually("there is room again") {
                try await live.exchange(Self.get).status == 200
            }
            #expect(!stream.hasEnded)
        }
    }

    @Test func `the connection that has waited longest for a request makes room for a new one`() async throws {
        let metrics = Metrics()
        try await LiveServer.run(Self.router(), metrics: metrics, configure: { $0.maximumConnections = 3 }) { live in
            let stream = try await live.connect()
            try await stream.send(Self.stream)
            try await stream.read(until: "data: open")
            var idle: [RawClient] = []
            for count in 2...3 {
                let client = try await live.connect()
                try await client.send(Self.get)
                #expect(try await client.response().status == 200)
                #expect(live.server.connectionCount == count)
                idle.append(client)
                // Idle since another moment of the loop's clock.
                try await eventually("the clock goes on") { try await live.advancesClock() }
            }
            let newcomer = try await live.connect()
            try await newcomer.send(Self.get)
            #expect(try await newcomer.response().status == 200)
            try await idle[0].readToEnd()
            #expect(!idle[1].hasEnded && !stream.hasEnded && !newcomer.hasEnded)
            #expect(metrics.rendered().contains("http_connections_evicted_total 1"))
        }
    }

    @Test func `idle connections of other loops make room too`() async throws {
        try await LiveServer.run(Self.router(), loops: 2, configure: { $0.maximumConnections = 2 }) { live in
            // The loops take turns: idle on the first, a stream on the second.
            let idle = try await live.connect()
            try await idle.send(Self.get)
            #expect(try await idle.response().status == 200)
            let stream = try await live.connect()
            try await stream.send(Self.stream)
            try await stream.read(until: "data: open")
            try await eventually("there is room for more") { try await live.exchange(Self.get).status == 200 }
            #expect(!stream.hasEnded)
        }
    }

    @Test func `a connection that lingers takes its place until it's closed`() async throws {
        try await LiveServer.run(Self.router(), configure: { $0.maximumConnections = 1 }) { live in
            let lingering = try await live.connect()
            try await lingering.send("nonsense\r\n\r\n")
            #expect(try await lingering.response().status == 400)
            try await eventually("it isn't served any more") { live.server.connectionCount == 0 }
            Self.refused(try await live.exchange(Self.get), 503, "overloaded")
            try await lingering.abort()
            try await eventually("there is room") { try await live.exchange(Self.get).status == 200 }
        }
    }

    @Test func `an address has a number of connections, whatever they are used for`() async throws {
        let metrics = Metrics()
        let lines = Box<[String]>([])
        try await LiveServer.run(
            Self.router(), log: Log { line in lines.change { $0.append(line) } }, metrics: metrics, loops: 2,
            configure: { $0.connectionsPerAddress = 2 }
        ) { live in
            let stream = try await live.connect()
            try await stream.send(Self.stream)
            try await stream.read(until: "data: open")
            let idle = try await live.connect()
            try await idle.send(Self.get)
            #expect(try await idle.response().status == 200)
            for _ in 0..<5 {
                let third = try await live.connect()
                try await third.send(Self.get)
                Self.refused(try await third.response(), 429, "too_many_connections")
            }
            #expect(metrics.rendered().contains(#"http_connections_refused_total{reason="address"} 5"#))
            #expect(lines.value.count { $0.contains("connections are refused") } == 1)
            try await stream.abort()
            try await eventually("a place is free") { try await live.exchange(Self.get).status == 200 }
        }
    }

    @Test(arguments: ["/stream", "/socket"])
    func `behind a trusted proxy, each client's streams are counted`(path: String) async throws {
        func open(_ address: String?, _ live: LiveServer) async throws -> RawClient {
            let client = try await live.connect()
            let forwarded = address.map { "X-Forwarded-For: \($0)\r\n" } ?? ""
            try await client.send(
                "GET \(path) HTTP/1.1\r\nHost: a\r\n\(forwarded)Connection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
            return client
        }
        try await LiveServer.run(
            Self.router(),
            configure: {
                $0.connectionsPerAddress = 1
                $0.trustedProxies = TrustedProxies([IPNetwork("127.0.0.1")!])
            }
        ) { live in
            let first = try await open("203.0.113.7", live)
            try await first.read(until: "open")
            let second = try await open("203.0.113.7", live)
            let refusal = try await second.response()
            #expect(refusal.status == 429)
            #expect(refusal.text.contains("too_many_connections"))
            // The connection is the proxy's, and carries on.
            try await second.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")
            #expect(try await second.response().status == 200)
            for address in ["203.0.113.8", "2001:db8::1", nil, nil] {
                try await open(address, live).read(until: "open")
            }
            try await first.abort()
            try await eventually("the place is free") {
                let next = try await open("203.0.113.7", live)
                try await eventually("it's answered") { next.text.contains("\r\n\r\n") }
                return !next.text.contains("too_many_connections")
            }
        }
    }
}

extension LiveServer {
    /// Whether the first loop's clock has gone on since this was called.
    fileprivate func advancesClock() async throws -> Bool {
        let loop = group.loops[0]
        let before = try await loop.submit { loop.now }
        try await Task.sleep(for: .milliseconds(2))
        return try await loop.submit { loop.now } > before
    }
}
