import Testing
import Wire

@Suite(.tags(.wire)) struct MalformedRequestTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        var text: String
        var status: Int
        var code: String
        var testDescription: String { "\(status) \(code): \(text.debugDescription.prefix(90))" }

        init(_ status: Int, _ code: String, _ text: String) {
            self.status = status
            self.code = code
            self.text = text
        }

        /// A request with these field lines after its Host.
        init(_ status: Int, _ code: String, fields: String, rest: String = "") {
            self.init(status, code, "POST / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n\(rest)")
        }

        /// A chunked request with this body.
        init(_ status: Int, _ code: String, chunks: String) {
            self.init(status, code, fields: "Transfer-Encoding: chunked", rest: chunks)
        }
    }

    static let limits = HTTPLimits(startLine: 200, headerBytes: 400, headerCount: 8, body: 50)

    static let lines = [
        Vector(400, "malformed_request_line", "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_method", "G@T / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_method", " GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_method", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_method", "GET\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_request_line", "GET /\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_request_line", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_version", "GET /  HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_version", "GET / a HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_version", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_version", "GET / http/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_version", "GET / HTTP/1.10\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_version", "GET / HTTP/11\r\nHost: x\r\n\r\n"),
        Vector(505, "unsupported_version", "GET / HTTP/1.2\r\nHost: x\r\n\r\n"),
        Vector(505, "unsupported_version", "GET / HTTP/3.0\r\nHost: x\r\n\r\n"),
        Vector(505, "unsupported_version", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Vector(400, "malformed_target", "GET path HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET /é HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET /a\u{7F} HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "GET http://u@h/ HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "malformed_target", "CONNECT h HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "bare_line_feed", "GET / HTTP/1.1\nHost: x\r\n\r\n"),
        Vector(400, "bare_line_feed", "GET / HTTP/1.1\r\nHost: x\n\r\n"),
        Vector(400, "bare_line_feed", "GET / HTTP/1.1\r\nHost: x\r\n\n"),
        Vector(400, "bare_line_feed", "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "bare_carriage_return", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n"),
        Vector(400, "bare_carriage_return", "GET / HTTP/1.1\r\r\nHost: x\r\n\r\n"),
        Vector(400, "control_character", "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
        Vector(400, "control_character", "\u{16}\u{03}\u{01}\u{02}"),
        Vector(414, "start_line_too_long", "GET /" + String(repeating: "a", count: 200)),
        Vector(414, "start_line_too_long", "GET /" + String(repeating: "a", count: 200) + " HTTP/1.1\r\n"),
    ]

    static let fields = [
        Vector(400, "missing_host", "GET / HTTP/1.1\r\n\r\n"),
        Vector(400, "missing_host", "GET http://x/ HTTP/1.1\r\n\r\n"),
        Vector(400, "repeated_host", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
        Vector(400, "repeated_host", "GET / HTTP/1.0\r\nHost: x\r\nhost: y\r\n\r\n"),
        Vector(400, "malformed_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        Vector(400, "malformed_host", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n"),
        Vector(400, "malformed_host", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"),
        Vector(400, "malformed_host", "GET / HTTP/1.1\r\nHost: u@x\r\n\r\n"),
        Vector(400, "folded_header", fields: "A: b\r\n c"),
        Vector(400, "folded_header", fields: "A: b\r\n\tc: d"),
        Vector(400, "folded_header", "GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
        Vector(400, "malformed_header_name", fields: "A : b"),
        Vector(400, "malformed_header_name", fields: "Content-Length\t: 5"),
        Vector(400, "malformed_header_name", fields: ": b"),
        Vector(400, "malformed_header_name", fields: "A"),
        Vector(400, "malformed_header_name", fields: "A(b): c"),
        Vector(400, "malformed_header_name", fields: "É: c"),
        Vector(400, "malformed_header_value", fields: "A: b\u{7F}"),
        Vector(400, "control_character", fields: "A: b\0"),
        Vector(400, "control_character", fields: "A: \u{1B}[0m"),
        Vector(431, "headers_too_large", fields: "A: " + String(repeating: "b", count: 400)),
        Vector(431, "headers_too_large", "GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 400)),
        Vector(431, "too_many_headers", fields: (0..<8).map { "A: \($0)" }.joined(separator: "\r\n")),
    ]

    static let lengths = [
        Vector(400, "repeated_content_length", fields: "Content-Length: 5\r\nContent-Length: 5", rest: "hello"),
        Vector(400, "repeated_content_length", fields: "Content-Length: 5\r\nContent-Length: 6", rest: "hello"),
        Vector(400, "malformed_content_length", fields: "Content-Length: 5, 5", rest: "hello"),
        Vector(400, "malformed_content_length", fields: "Content-Length: +5", rest: "hello"),
        Vector(400, "malformed_content_length", fields: "Content-Length: -1"),
        Vector(400, "malformed_content_length", fields: "Content-Length: 0x5", rest: "hello"),
        Vector(400, "malformed_content_length", fields: "Content-Length: 5 5", rest: "hello"),
        Vector(400, "malformed_content_length", fields: "Content-Length:"),
        Vector(400, "malformed_content_length", fields: "Content-Length: ٥"),
        Vector(400, "malformed_content_length", fields: "Content-Length: 9223372036854775808"),
        Vector(413, "body_too_large", fields: "Content-Length: 9223372036854775807"),
        Vector(413, "body_too_large", fields: "Content-Length: 51"),
        Vector(400, "ambiguous_length", fields: "Content-Length: 5\r\nTransfer-Encoding: chunked", rest: "0\r\n\r\n"),
        Vector(400, "ambiguous_length", fields: "Transfer-Encoding: x\r\nContent-Length: 5", rest: "hello"),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding: identity"),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding: xchunked"),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding: \"chunked\""),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding: chunked, gzip"),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding: chunked, chunked"),
        Vector(
            400, "malformed_transfer_encoding", fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding: , chunked"),
        Vector(400, "malformed_transfer_encoding", fields: "Transfer-Encoding:"),
        Vector(501, "unsupported_transfer_encoding", fields: "Transfer-Encoding: gzip, chunked"),
        Vector(
            400, "malformed_transfer_encoding", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ]

    static let chunks = [
        Vector(400, "malformed_chunk", chunks: "\r\n"),
        Vector(400, "malformed_chunk", chunks: "g\r\n"),
        Vector(400, "malformed_chunk", chunks: "-1\r\n"),
        Vector(400, "malformed_chunk", chunks: "0x5\r\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: " 5\r\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5 \r\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5\rXhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5;a\nb\r\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5;a\0\r\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5\r\nhelloX"),
        Vector(400, "malformed_chunk", chunks: "5\r\nhello\rX"),
        Vector(400, "malformed_chunk", chunks: "5\r\nhello\n"),
        Vector(400, "malformed_chunk", chunks: "5\r\nhello0\r\n\r\n"),
        Vector(400, "malformed_chunk", chunks: "ffffffffffffffff\r\n"),
        Vector(400, "malformed_chunk", chunks: "8000000000000000\r\n"),
        Vector(400, "malformed_chunk", chunks: "100000000000000000005\r\nhello\r\n"),
        Vector(400, "malformed_chunk", chunks: "5;" + String(repeating: "a", count: 300)),
        Vector(400, "malformed_chunk", chunks: String(repeating: "0", count: 300)),
        Vector(413, "body_too_large", chunks: "33\r\n"),
        Vector(413, "body_too_large", chunks: "7fffffffffffffff\r\n"),
        Vector(413, "body_too_large", chunks: "30\r\n" + String(repeating: "a", count: 48) + "\r\n3\r\n"),
        Vector(400, "folded_header", chunks: "0\r\n a: b\r\n\r\n"),
        Vector(400, "malformed_header_name", chunks: "0\r\na\r\n\r\n"),
        Vector(400, "bare_line_feed", chunks: "0\r\n\n"),
        Vector(431, "headers_too_large", chunks: "0\r\na: " + String(repeating: "b", count: 400)),
        Vector(
            431, "too_many_headers", chunks: "0\r\n" + (0..<9).map { "a: \($0)\r\n" }.joined() + "\r\n"),
    ]

    @Test(arguments: lines + fields + lengths + chunks)
    func `a malformed request is refused the same however it is cut`(vector: Vector) {
        for pieces in splits(vector.text) {
            let reading = RequestReading(pieces, limits: Self.limits)
            #expect(reading.error?.status == vector.status)
            #expect(reading.error?.code == vector.code)
            #expect(reading.bufferedBytes == 0)
            #expect(reading.requests.filter(\.isComplete).isEmpty)
        }
    }

    @Test func `endless chunk extensions are refused`() {
        let body = String(repeating: "1;" + String(repeating: "x", count: 200) + "\r\na\r\n", count: 100)
        let text = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body
        #expect(RequestReading([Array(text.utf8)]).error?.code == "malformed_chunk")
    }
}
