import Testing
import Web
import Wire

/// The connection's decisions without sockets; `HTTPServerTests` and `TimeoutTests` try them over real ones.
struct ConnectionStateTests {
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let context = ConnectionState.ResponseContext(date: "now", isDraining: false)
    private static let limits = HTTPServerConfiguration()

    /// A connection at second 0, whose queue is empty unless a test says otherwise.
    private struct Subject {
        var state = ConnectionState(limits: HTTPLimits(), now: .zero)

        mutating func receive(_ text: String) {
            unsafe Array(text.utf8).withUnsafeBytes { unsafe state.received($0) }
        }

        /// The next action, in a word. Bodies are taken up to 100 bytes, except those that nobody wants.
        mutating func next(queued: Int = 0, at seconds: Int = 0) -> String {
            switch state.next(queuedBytes: queued, now: .seconds(seconds)) {
            case .wait: "wait"
            case .admitBody(let head) where head.target == "/unwanted":
                state.refuseBody(now: .seconds(seconds)).map { "\($0.method) \($0.target) without its body" }
                    ?? "no body"
            case .admitBody:
                takeBody(queued, seconds)
            case .sendContinue: "continue"
            case .handle(let head, let body): "\(head.method) \(head.target) \(String(decoding: body, as: UTF8.self))"
            case .refuse(let error, let head): "\(error.status)" + (head.map { " to \($0.target)" } ?? "")
            case .close: "close"
            }
        }

        private mutating func takeBody(_ queued: Int, _ seconds: Int) -> String {
            state.takeBody(upTo: 100)
            return next(queued: queued, at: seconds)
        }

        mutating func respond(_ response: Response = .text("hi"), at seconds: Int = 0) -> String {
            var bytes: [UInt8] = []
            bytes += state.respond(response, context, now: .seconds(seconds), to: &bytes)
            state.responded(now: .seconds(seconds))
            return String(decoding: bytes, as: UTF8.self)
        }

        mutating func overdue(queued: Int = 0, at seconds: Int) -> ConnectionState.Overdue {
            state.overdue(limits, queuedBytes: queued, now: .seconds(seconds))
        }
    }

    @Test func `pipelined requests are handed out one at a time, each when the response before it has left`() {
        var subject = Subject()
        subject.receive("POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + Self.get)
        #expect(subject.next() == "POST /one abc")
        #expect(subject.state.isBusy && subject.state.awaitsResponse)
        #expect(subject.next() == "wait")
        #expect(subject.respond().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(subject.next(queued: 10) == "wait")
        #expect(subject.next() == "GET / ")
        _ = subject.respond()
        #expect(subject.next() == "wait")
        #expect(subject.state.isIdle)
    }

    @Test func `a client that waits with its body is asked for it once`() {
        var subject = Subject()
        subject.receive("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(subject.next() == "continue")
        #expect(subject.next() == "wait")
        subject.receive("ab")
        #expect(subject.next() == "POST / ab")
    }

    @Test func `a body that nobody wants isn't read, and its request is the last`() {
        var subject = Subject()
        subject.receive(
            "POST /unwanted HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\nabc")
        #expect(subject.next() == "POST /unwanted without its body")
        #expect(subject.state.bodyBytes == 0 && subject.state.awaitsResponse)
        #expect(subject.next() == "wait")
        #expect(subject.respond().contains("connection: close\r\n"))
        subject.receive(Self.get)
        #expect(subject.next() == "close")
    }

    @Test(arguments: ["Content-Length: 101\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n65\r\n"])
    func `a body that is longer than its route allows is refused before it's read`(_ rest: String) {
        var subject = Subject()
        subject.receive("POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        #expect(subject.next() == "wait")
        subject.receive(String(repeating: "x", count: 100))
        #expect(subject.next().hasPrefix("POST /one x"))
        _ = subject.respond()
        subject.receive("POST /two HTTP/1.1\r\nHost: a\r\n\(rest)")
        #expect(subject.next() == "413 to /two")
    }

    @Test(
        arguments: [
            ("HTTP/1.1", "", false, nil), ("HTTP/1.1", "Connection: close\r\n", true, "close"),
            ("HTTP/1.0", "", true, "close"), ("HTTP/1.0", "Connection: keep-alive\r\n", false, "keep-alive"),
        ] as [(String, String, Bool, String?)])
    func `the connection closes after a response where either side wants it to`(
        _ version: String, _ field: String, _ closes: Bool, _ connection: String?
    ) {
        var subject = Subject()
        subject.receive("GET / \(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(subject.next() == "GET / ")
        let response = subject.respond()
        #expect(response.contains("date: now\r\n"))
        #expect(connection.map { response.contains("connection: \($0)\r\n") } ?? !response.contains("connection:"))
        #expect(subject.next(queued: 10) == "wait")
        #expect(subject.next() == (closes ? "close" : "wait"))
    }

    @Test func `a server that stops keeps no connection`() {
        var subject = Subject()
        subject.receive(Self.get)
        #expect(subject.next() == "GET / ")
        let context = ConnectionState.ResponseContext(date: "now", isDraining: true)
        var bytes: [UInt8] = []
        _ = subject.state.respond(.noContent, context, now: .zero, to: &bytes)
        subject.state.responded(now: .zero)
        #expect(subject.next() == "close")
    }

    @Test func `a client that ends its side still gets its responses, then the connection closes`() {
        var subject = Subject()
        subject.receive(Self.get + Self.get)
        #expect(subject.next() == "GET / ")
        subject.state.receivedEnd()
        _ = subject.respond()
        #expect(subject.next() == "GET / ")
        _ = subject.respond()
        #expect(subject.next() == "close")
    }

    @Test func `a malformed request is refused, and nothing after it is read`() {
        var subject = Subject()
        subject.receive("GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + Self.get)
        #expect(subject.next() == "400")
        let error = Response.error(HTTPError(400, "bad", "Bad."))
        let pieces = subject.state.respondLast(error, Self.context, now: .zero)
        #expect(String(decoding: pieces.joined(), as: UTF8.self).contains("connection: close\r\n"))
        #expect(subject.next(queued: 10) == "wait")
        #expect(subject.next() == "close")
    }

    @Test func `each wait has its own limit`() {
        var subject = Subject()
        #expect(subject.overdue(at: 9) == .nothing)
        #expect(subject.overdue(at: 10) == .silence)
        subject.receive("GET")
        #expect(subject.next(at: 5) == "wait")
        #expect(subject.overdue(at: 14) == .nothing)
        #expect(subject.overdue(at: 15) == .request)
        subject.receive(" / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
        #expect(subject.next(at: 6) == "wait")
        #expect(subject.overdue(at: 35) == .nothing)
        #expect(subject.overdue(at: 36) == .request)
        subject.receive("x")
        #expect(subject.next(at: 7) == "GET / x")
        #expect(subject.overdue(at: 56) == .nothing)
        #expect(subject.overdue(at: 57) == .handler)
        _ = subject.respond(at: 60)
        #expect(subject.overdue(at: 134) == .nothing)
        #expect(subject.overdue(at: 135) == .silence)
    }

    @Test func `a handler that times out is answered for once`() {
        var subject = Subject()
        subject.receive(Self.get)
        #expect(subject.next() == "GET / ")
        _ = subject.state.respondLast(.error(HTTPError(503, "late", "Late.")), Self.context, now: .seconds(50))
        #expect(!subject.state.awaitsResponse)
        #expect(subject.next() == "close")
    }

    @Test func `a client that reads nothing of what waits for it times out`() {
        var subject = Subject()
        subject.receive(Self.get)
        #expect(subject.next() == "GET / ")
        _ = subject.respond()
        #expect(subject.overdue(queued: 100, at: 1) == .nothing)
        #expect(subject.overdue(queued: 50, at: 20) == .nothing)
        #expect(subject.overdue(queued: 50, at: 49) == .nothing)
        #expect(subject.overdue(queued: 50, at: 50) == .client)
    }

    @Test func `a produced body keeps to its length, and is timed from piece to piece`() throws {
        var subject = Subject()
        subject.receive(Self.get)
        #expect(subject.next() == "GET / ")
        let (head, hasBody) = subject.state.respond(Response(), producing: 5, Self.context, now: .zero)
        #expect(hasBody && String(decoding: head, as: UTF8.self).lowercased().contains("content-length: 5\r\n"))
        #expect(try subject.state.write([1, 2, 3], now: .seconds(40)) == [1, 2, 3])
        #expect(subject.overdue(at: 89) == .nothing)
        #expect(subject.overdue(at: 90) == .body)
        #expect(throws: BodyFault.lengthMismatch) { try subject.state.endBody() }
        #expect(throws: BodyFault.lengthMismatch) { try subject.state.write([4, 5, 6], now: .zero) }
        _ = try subject.state.write([4, 5], now: .zero)
        #expect(try subject.state.endBody().isEmpty)
    }

    @Test func `a produced body without a length is chunked`() throws {
        var subject = Subject()
        subject.receive(Self.get)
        #expect(subject.next() == "GET / ")
        _ = subject.state.respond(Response(), producing: nil, Self.context, now: .zero)
        #expect(try subject.state.write([65], now: .zero) == Array("1\r\nA\r\n".utf8))
        #expect(try subject.state.endBody() == Array("0\r\n\r\n".utf8))
    }

    @Test func `reading pauses while too much waits behind a request`() {
        var subject = Subject()
        subject.receive(Self.get + Self.get)
        #expect(subject.state.changeReading(limit: 10, queuedBytes: 0) == nil)
        #expect(subject.next() == "GET / ")
        #expect(subject.state.changeReading(limit: 10, queuedBytes: 0) == true)
        #expect(subject.state.changeReading(limit: 10, queuedBytes: 0) == nil)
        _ = subject.respond()
        #expect(subject.next() == "GET / ")
        #expect(subject.state.changeReading(limit: 10, queuedBytes: 0) == false)
    }

    @Test func `a connection ends once`() {
        var subject = Subject()
        let outcomes = [subject.state.close(), subject.state.close()]
        #expect(outcomes == [true, false])
        #expect(subject.next() == "wait")
    }
}
