import Testing
import Wire

@Suite(.tags(.wire)) struct RequestParserTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        var name: String
        var text: String
        var expected: [RequestHead]
        var bodies: [String]
        var testDescription: String { name }
    }

    static let vectors = [
        Vector(
            name: "plain GET", text: "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n",
            expected: [RequestHead(method: "GET", target: "/a?b=c", headers: ["Host": "x"])], bodies: [""]),
        Vector(
            name: "space around values, empty values, repeated names",
            text: "GET / HTTP/1.1\r\nhost:x:80\r\nA: \t 1 \t\r\nB:\r\na:2 3\r\n\r\n",
            expected: [
                RequestHead(
                    method: "GET", target: "/", headers: ["host": "x:80", "A": "1", "B": "", "a": "2 3"])
            ], bodies: [""]),
        Vector(
            name: "a body by length, then a pipelined request",
            text: "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET /q HTTP/1.1\r\nHost: y\r\n\r\n",
            expected: [
                RequestHead(method: "POST", target: "/p", headers: ["Host": "x", "Content-Length": "5"]),
                RequestHead(method: "GET", target: "/q", headers: ["Host": "y"]),
            ], bodies: ["hello", ""]),
        Vector(
            name: "chunks with extensions and trailers, then another request",
            text: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5;a=b\r\nhello\r\n00A;q=\"x\"\r\n, world!!!\r\n0\r\nChecksum: 7\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            expected: [
                RequestHead(method: "POST", target: "/", headers: ["Host": "x", "Transfer-Encoding": "Chunked"]),
                RequestHead(method: "GET", target: "/", headers: ["Host": "x"]),
            ], bodies: ["hello, world!!!", ""]),
        Vector(
            name: "an empty line before the request", text: "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
            expected: [RequestHead(method: "GET", target: "/", headers: ["Host": "x"])], bodies: [""]),
        Vector(
            name: "HTTP/1.0 without a host", text: "GET / HTTP/1.0\r\n\r\n",
            expected: [RequestHead(method: "GET", target: "/", minorVersion: 0)], bodies: [""]),
        Vector(
            name: "an absolute target", text: "GET http://h:1/p?q HTTP/1.1\r\nHost: other\r\n\r\n",
            expected: [RequestHead(method: "GET", target: "http://h:1/p?q", headers: ["Host": "other"])], bodies: [""]),
        Vector(
            name: "OPTIONS for the whole server", text: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            expected: [RequestHead(method: "OPTIONS", target: "*", headers: ["Host": "x"])], bodies: [""]),
        Vector(
            name: "CONNECT", text: "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
            expected: [RequestHead(method: "CONNECT", target: "h:443", headers: ["Host": "h:443"])], bodies: [""]),
        Vector(
            name: "values beyond ASCII", text: "GET / HTTP/1.1\r\nHost: x\r\nA: é\r\n\r\n",
            expected: [RequestHead(method: "GET", target: "/", headers: ["Host": "x", "A": "é"])], bodies: [""]),
    ]

    @Test(arguments: vectors)
    func `requests are read the same however they are cut`(vector: Vector) {
        for pieces in splits(vector.text) {
            let reading = RequestReading(pieces)
            #expect(reading.error == nil)
            #expect(reading.requests.map(\.head) == vector.expected)
            #expect(reading.requests.map { String(decoding: $0.body, as: UTF8.self) } == vector.bodies)
            #expect(!reading.requests.map(\.isComplete).contains(false))
            #expect(reading.bufferedBytes == 0)
        }
    }

    @Test func `bytes that are no UTF-8 are read as ISO 8859-1`() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nA: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
        #expect(RequestReading([bytes]).requests.first?.head.headers["A"] == "é")
    }

    @Test func `a request decides whether the connection is kept`() {
        func head(_ minorVersion: Int, _ headers: Headers) -> RequestHead {
            RequestHead(method: "GET", target: "/", minorVersion: minorVersion, headers: headers)
        }
        #expect(head(1, [:]).keepsAlive)
        #expect(!head(1, ["Connection": "x, Close"]).keepsAlive)
        #expect(!head(0, [:]).keepsAlive)
        #expect(head(0, ["Connection": "Keep-Alive"]).keepsAlive)
        #expect(head(1, ["Expect": "100-Continue"]).expectsContinue)
        #expect(!head(0, ["Expect": "100-continue"]).expectsContinue)
        #expect(head(1, ["Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket"]).upgrades(to: "websocket"))
        #expect(!head(1, ["Upgrade": "websocket"]).upgrades(to: "websocket"))
    }

    @Test func `an absolute target outranks the Host field`() {
        var head = RequestHead(method: "GET", target: "http://h:1?q", headers: ["Host": "other"])
        #expect(head.authority == "h:1")
        #expect(head.pathAndQuery == "/?q")
        head.target = "/a:b//c"
        #expect(head.authority == "other")
        #expect(head.pathAndQuery == "/a:b//c")
        head.target = "*"
        #expect(head.pathAndQuery == "*")
    }

    @Test func `after a head the rest can be handed to another protocol`() throws {
        var parser = RequestParser()
        parser.append("GET / HTTP/1.1\r\nHost: x\r\n\r\nFRAME".utf8)
        guard case .head = try parser.next() else {
            Issue.record("no head")
            return
        }
        #expect(parser.takeRemaining() == Array("FRAME".utf8))
        parser.append([1, 2, 3])
        #expect(parser.bufferedBytes == 0)
        #expect(try parser.next() == nil)
    }

    @Test func `the body's limit may be changed once the head is known`() throws {
        var parser = RequestParser(limits: HTTPLimits(startLine: 100, headerBytes: 100, headerCount: 9, body: 3))
        parser.append("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd".utf8)
        _ = try parser.next()
        var strict = parser
        #expect(throws: HTTPParseError.self) { try strict.next() }
        #expect(throws: HTTPParseError.self) { try strict.next() }
        parser.limits.body = 4
        #expect(try parser.next() == .body(Array("abcd".utf8)))
        #expect(try parser.next() == .end)
        #expect(try parser.next() == nil)
        #expect(parser.isIdle)
    }
}
