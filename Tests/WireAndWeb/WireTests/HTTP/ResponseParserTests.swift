import Testing
import Wire

@Suite(.tags(.wire)) struct ResponseParserTests {
    struct Reading: Equatable {
        var heads: [ResponseHead] = []
        var informational: [Int] = []
        var bodies: [String] = []
        var ends = 0
        var rest = ""
        var error: HTTPParseError?

        init(_ pieces: [[UInt8]], methods: [String], ends isEnd: Bool = true) {
            var parser = ResponseParser(
                limits: HTTPLimits(startLine: 200, headerBytes: 400, headerCount: 8, body: 50))
            for method in methods { parser.requestSent(method: method) }
            do throws(HTTPParseError) {
                for piece in pieces {
                    parser.append(piece)
                    while let part = try parser.next() { take(part) }
                }
                if isEnd, let part = try parser.receivedEnd() { take(part) }
            } catch {
                self.error = error
            }
            rest = String(decoding: parser.takeRemaining(), as: UTF8.self)
        }

        mutating func take(_ part: ResponseParser.Part) {
            switch part {
            case .informational(let head): informational.append(head.status)
            case .head(let head):
                heads.append(head)
                bodies.append("")
            case .body(let bytes): bodies[bodies.count - 1] += String(decoding: bytes, as: UTF8.self)
            case .end: ends += 1
            }
        }
    }

    struct Vector: CustomTestStringConvertible, Sendable {
        var name: String
        var methods = ["GET"]
        var text: String
        var statuses: [Int]
        var bodies: [String]
        var informational: [Int] = []
        var rest = ""
        var testDescription: String { name }
    }

    static let vectors = [
        Vector(name: "length", text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", statuses: [200], bodies: ["hi"]),
        Vector(
            name: "chunked",
            text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n",
            statuses: [200], bodies: ["hi!"]),
        Vector(name: "until the end", text: "HTTP/1.0 200 OK\r\n\r\nhi", statuses: [200], bodies: ["hi"]),
        Vector(name: "no phrase", text: "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", statuses: [404], bodies: [""]),
        Vector(name: "no space", text: "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", statuses: [404], bodies: [""]),
        Vector(
            name: "HEAD, 304 and 204 have no body", methods: ["HEAD", "GET", "POST", "GET"],
            text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n"
                + "HTTP/1.1 204 X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
            statuses: [200, 304, 204, 200], bodies: ["", "", "", "!"]),
        Vector(
            name: "informational first",
            text:
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\nHTTP/1.1 200 O\r\nContent-Length: 0\r\n\r\n",
            statuses: [200], bodies: [""], informational: [100, 103]),
        Vector(
            name: "switching", text: "HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\nFRAME\r\n", statuses: [101],
            bodies: [""], rest: "FRAME\r\n"),
        Vector(
            name: "tunnel", methods: ["CONNECT"], text: "HTTP/1.1 200 S\r\nContent-Length: 9\r\n\r\nBYTES",
            statuses: [200], bodies: [""], rest: "BYTES"),
    ]

    @Test(arguments: vectors)
    func `responses are read the same however they are cut`(vector: Vector) {
        for pieces in splits(vector.text) {
            let reading = Reading(pieces, methods: vector.methods)
            #expect(reading.error == nil)
            #expect(reading.heads.map(\.status) == vector.statuses)
            #expect(reading.bodies == vector.bodies)
            #expect(reading.informational == vector.informational)
            #expect(reading.ends == vector.statuses.count)
            #expect(reading.rest == vector.rest)
        }
    }

    static let malformed: [(code: String, text: String)] = [
        ("malformed_status_line", "HTTP/1.1 20 OK\r\n\r\n"),
        ("malformed_status_line", "HTTP/1.1 2000 OK\r\n\r\n"),
        ("malformed_status_line", "HTTP/1.1 099 OK\r\n\r\n"),
        ("malformed_status_line", "HTTP/1.1  200 OK\r\n\r\n"),
        ("malformed_status_line", "\r\nHTTP/1.1 200 OK\r\n\r\n"),
        ("malformed_version", "HTTX/1.1 200 OK\r\n\r\n"),
        ("unsupported_version", "HTTP/2.0 200 OK\r\n\r\n"),
        ("bare_line_feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        ("ambiguous_length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("repeated_content_length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"),
        ("malformed_transfer_encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
        ("truncated_message", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"),
        ("truncated_message", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"),
        ("truncated_message", "HTTP/1.1 200 OK\r\nContent-Len"),
        ("truncated_message", ""),
        ("truncated_message", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("body_too_large", "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 51)),
        ("body_too_large", "HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n"),
        ("unexpected_response", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!HTTP/1.1 200 OK\r\n\r\n"),
    ]

    @Test(arguments: malformed)
    func `a malformed response is refused the same however it is cut`(vector: (code: String, text: String)) {
        for pieces in splits(vector.text) {
            let error = Reading(pieces, methods: ["GET"]).error
            #expect(error?.code == vector.code)
            #expect(error?.status == 502)
        }
    }

    @Test func `a connection that ends between responses ends well`() {
        #expect(Reading([], methods: []).error == nil)
    }
}
