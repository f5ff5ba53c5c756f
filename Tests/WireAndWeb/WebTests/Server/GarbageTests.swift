import Core
import EventLoop
import Testing
import TestSupport
import Web
import Wire

struct GarbageTests {
    private static let templates = [
        "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=\"d\"\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a\":[1]}",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "GET /files/x?y=%20 HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\nExpect: 100-continue\r\n\r\n",
        "GET /stream HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 1-2\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\u{1}\u{5}hello",
    ].map { [UInt8]($0.utf8) }

    private static func router() -> Router {
        Router { routes in
            routes.use(SecurityHeaders().middleware, OriginCheck().middleware)
            routes.get("/") { try .text("\($0.cookies.count) \($0.query.pairs.count)") }
            routes.post("/echo") { .bytes($0.body, type: "text/plain") }
            routes.post("/json") { try .json($0.decode([String: [Int]].self)) }
            routes.files("/files", StaticFiles(FileFolder("/nonexistent")))
            routes.get("/stream") { _ in .eventStream { $0.send([UInt8](":\n\n".utf8)) } }
            routes.get("/ws") { _ in
                .webSocket { $0.echo() }
            }
        }
    }

    private static func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = (0..<Int.random(in: 1...3, using: &generator)).flatMap { _ in
            templates.randomElement(using: &generator)!
        }
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 2 where bytes.count > 1: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: [0x0D, 0x0A], at: place)
            default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8 as Range<UInt64>) func `whatever is sent, the server neither stops nor keeps anything`(
        _ seed: UInt64
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        try await LiveServer.run(Self.router()) { live in
            for _ in 0..<60 {
                let client = try await live.connect()
                let bytes = Self.mutated(using: &generator)
                let cut = Int.random(in: 0...bytes.count, using: &generator)
                try await client.send([UInt8](bytes[..<cut]))
                try await client.send([UInt8](bytes[cut...]))
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: try await client.abort()
                case 1: try await client.endSending()
                default: break
                }
            }
            let response = try await live.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(response.status == 200)
            await live.server.shutdown()
            #expect(live.server.connectionCount == 0)
        }
    }
}
