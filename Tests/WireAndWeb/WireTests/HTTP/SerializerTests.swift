import Testing
import Wire

@Suite(.tags(.wire)) struct SerializerTests {
    @Test func `a response carries its length and nothing that contradicts it`() {
        let head = ResponseHead(status: 200, headers: ["A": "b", "content-length": "99", "Transfer-Encoding": "x"])
        let text = String(decoding: ResponseSerializer.response(head, body: Array("hi".utf8)), as: UTF8.self)
        #expect(text == "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\nhi")
    }

    @Test func `bodies are left out where there can be none`() {
        func text(_ status: Int, _ method: String) -> String {
            String(
                decoding: ResponseSerializer.response(ResponseHead(status: status), body: [65], to: method),
                as: UTF8.self)
        }
        #expect(text(200, "HEAD") == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")
        #expect(text(204, "GET") == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(text(304, "GET") == "HTTP/1.1 304 Not Modified\r\n\r\n")
        #expect(text(299, "GET") == "HTTP/1.1 299 \r\nContent-Length: 1\r\n\r\nA")
    }

    @Test func `no value can forge a line`() {
        let head = ResponseHead(status: 302, headers: ["Location": "/a\r\nSet-Cookie: b\0\u{7F}"])
        let text = String(decoding: ResponseSerializer.head(head, framing: .untilClose), as: UTF8.self)
        #expect(text == "HTTP/1.1 302 Found\r\nLocation: /a  Set-Cookie: b  \r\n\r\n")
    }

    @Test func `no target can forge a request`() {
        let head = RequestHead(method: "GET", target: "/a b\r\n#é", headers: ["Host": "x"])
        let text = String(decoding: RequestSerializer.request(head), as: UTF8.self)
        #expect(text == "GET /a%20b%0D%0A%23%C3%A9 HTTP/1.1\r\nHost: x\r\n\r\n")
    }

    @Test(arguments: ["", "hello", String(repeating: "abc", count: 5000)])
    func `what is written is read back`(body: String) {
        let head = RequestHead(method: "POST", target: "/x", headers: ["Host": "x", "B": "c"])
        let bytes = Array(body.utf8)
        let plain = RequestReading([RequestSerializer.request(head, body: bytes)])
        #expect(plain.requests.first?.body == bytes)

        var chunked = RequestSerializer.head(head, framing: .chunked)
        for start in stride(from: 0, to: bytes.count, by: 7) {
            chunked += ChunkedBody.chunk(Array(bytes[start..<min(start + 7, bytes.count)]))
        }
        chunked += ChunkedBody.chunk([]) + ChunkedBody.end
        let reading = RequestReading([chunked])
        #expect(reading.error == nil)
        #expect(reading.requests.first?.body == bytes)
        #expect(reading.requests.first?.isComplete == true)

        let response = ResponseSerializer.response(ResponseHead(status: 201, headers: ["A": "é"]), body: bytes)
        var parser = ResponseParser()
        parser.requestSent(method: "POST")
        parser.append(response)
        var received: [UInt8] = []
        while let part = try? parser.next() {
            if case .head(let head) = part { #expect(head.headers["a"] == "é") }
            if case .body(let piece) = part { received += piece }
        }
        #expect(received == bytes)
        #expect(parser.isIdle)
    }
}
