import Testing
import Wire

@Suite(.tags(.wire)) struct WebSocketHandshakeTests {
    static func request(_ changes: Headers = [:], without: String? = nil) -> RequestHead {
        var headers: Headers = [
            "Host": "x", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        ]
        for field in changes { headers[field.name] = field.value }
        if let without { headers[without] = nil }
        return RequestHead(method: "GET", target: "/ws", headers: headers)
    }

    @Test func `the sample of RFC 6455 is answered as there`() throws {
        let (response, agreement) = try WebSocketHandshake.accept(
            Self.request(["Sec-WebSocket-Protocol": "superchat, chat"]), subprotocols: ["chat"])
        #expect(response.status == 101)
        #expect(response.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(response.headers["Sec-WebSocket-Protocol"] == "chat")
        #expect(response.headers["Sec-WebSocket-Extensions"] == nil)
        #expect(agreement == WebSocketHandshake.Agreement(subprotocol: "chat"))
    }

    static let refused: [(request: RequestHead, status: Int, code: String)] = [
        (RequestHead(method: "POST", target: "/", headers: request().headers), 405, "websocket_method"),
        (request(without: "Upgrade"), 426, "websocket_required"),
        (request(without: "Connection"), 426, "websocket_required"),
        (request(["Connection": "close"]), 426, "websocket_required"),
        (request(["Upgrade": "h2c"]), 426, "websocket_required"),
        (request(["Sec-WebSocket-Version": "8"]), 426, "websocket_required"),
        (request(without: "Sec-WebSocket-Version"), 426, "websocket_required"),
        (
            RequestHead(method: "GET", target: "/", minorVersion: 0, headers: request().headers), 426,
            "websocket_required"
        ),
        (request(without: "Sec-WebSocket-Key"), 400, "websocket_key"),
        (request(["Sec-WebSocket-Key": "short"]), 400, "websocket_key"),
        (request(["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSB4"]), 400, "websocket_key"),
        (request(["Sec-WebSocket-Key": "!GhlIHNhbXBsZSBub25jZQ=="]), 400, "websocket_key"),
        (request(["Content-Length": "1"]), 400, "websocket_body"),
        (request(["Transfer-Encoding": "chunked"]), 400, "websocket_body"),
    ]

    @Test(arguments: refused)
    func `a request that opens no WebSocket is refused`(vector: (request: RequestHead, status: Int, code: String)) {
        do throws(WebSocketHandshakeError) {
            _ = try WebSocketHandshake.accept(vector.request)
            Issue.record("accepted")
        } catch {
            #expect(error.status == vector.status)
            #expect(error.code == vector.code)
            if error.status == 426 { #expect(error.headers["Sec-WebSocket-Version"] == "13") }
        }
    }

    static let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    static let offers: [(offer: String, answer: String?)] = [
        ("permessage-deflate", plain),
        ("permessage-deflate; client_max_window_bits", plain),
        ("x-other; a=b, permessage-deflate;client_max_window_bits=10", plain),
        ("permessage-deflate; server_max_window_bits=\"10\"", plain + "; server_max_window_bits=10"),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", plain),
        ("permessage-deflate; server_max_window_bits=8", nil),
        ("permessage-deflate; server_max_window_bits=16", nil),
        ("permessage-deflate; server_max_window_bits=09", nil),
        ("permessage-deflate; server_max_window_bits", nil),
        ("permessage-deflate; client_max_window_bits=7", nil),
        ("permessage-deflate; server_no_context_takeover=1", nil),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", nil),
        ("permessage-deflate; unknown", nil),
        ("x-webkit-deflate-frame", nil),
        ("permessage-deflate;", nil),
        (", ;=", nil),
    ]

    @Test(arguments: offers)
    func `the first offer that can be taken up is`(vector: (offer: String, answer: String?)) throws {
        let (response, agreement) = try WebSocketHandshake.accept(
            Self.request(["Sec-WebSocket-Extensions": vector.offer]))
        #expect(response.headers["Sec-WebSocket-Extensions"] == vector.answer)
        #expect((agreement.deflate == nil) == (vector.answer == nil))
    }

    @Test(arguments: [nil, WebSocketDeflate(), WebSocketDeflate(serverTakesNoContextOver: false)])
    func `both sides come to the same agreement`(deflate: WebSocketDeflate?) throws {
        let client = WebSocketClientHandshake(subprotocols: ["b", "a"], deflate: deflate)
        var headers: Headers = ["Host": "x"]
        headers.append(contentsOf: client.headers)
        let head = RequestHead(method: "GET", target: "/", headers: headers)
        let (response, agreement) = try WebSocketHandshake.accept(head, subprotocols: ["a", "b"], deflate: deflate)
        #expect(agreement == WebSocketHandshake.Agreement(subprotocol: "b", deflate: deflate))
        #expect(try client.verify(response) == agreement)
    }

    static let wrongAnswers: [Headers] = [
        ["Sec-WebSocket-Accept": "wrong"], ["Upgrade": "h2c"], ["Connection": "close"],
        ["Sec-WebSocket-Protocol": "other"], ["Sec-WebSocket-Extensions": "x"],
        ["Sec-WebSocket-Extensions": "permessage-deflate"],
        ["Sec-WebSocket-Extensions": plain + "; client_max_window_bits=10"],
        ["Sec-WebSocket-Extensions": plain + ", " + plain], ["Sec-WebSocket-Extensions": ";"],
    ]

    @Test(arguments: wrongAnswers)
    func `a client refuses an answer that doesn't follow from its request`(changes: Headers) throws {
        let client = WebSocketClientHandshake(subprotocols: ["a"])
        let head = RequestHead(method: "GET", target: "/", headers: client.headers)
        var (response, _) = try WebSocketHandshake.accept(head, subprotocols: ["a"])
        #expect(try client.verify(response).subprotocol == "a")
        for field in changes { response.headers[field.name] = field.value }
        #expect(throws: WebSocketHandshakeError.self) { try client.verify(response) }
        response = ResponseHead(status: 403)
        #expect(throws: WebSocketHandshakeError.self) { try client.verify(response) }
    }
}
