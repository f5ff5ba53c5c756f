import Crypto

/// The server's side of opening a WebSocket (RFC 6455 §4.2), and what both sides share.
package enum WebSocketHandshake {
    /// What the two sides agreed on.
    package struct Agreement: Sendable, Equatable {
        package var subprotocol: String?
        package var deflate: WebSocketDeflate?

        package init(subprotocol: String? = nil, deflate: WebSocketDeflate? = nil) {
            self.subprotocol = subprotocol
            self.deflate = deflate
        }
    }

    /// Returns the head of the response, after which frames follow, and what was agreed for them.
    ///
    /// The caller checks before whether the client may open a WebSocket (`Origin`, session).
    ///
    /// - Parameters:
    ///   - subprotocols: those the server speaks; the first of the client's that is among them is chosen.
    ///   - deflate: what the server prefers; `nil` to compress nothing.
    /// - Throws: `WebSocketHandshakeError` when the request doesn't open a WebSocket as it should.
    package static func accept(
        _ request: RequestHead, subprotocols: [String] = [], deflate: WebSocketDeflate? = WebSocketDeflate()
    ) throws(WebSocketHandshakeError) -> (response: ResponseHead, agreement: Agreement) {
        let headers = request.headers
        guard request.method == "GET" else { throw .wrongMethod }
        guard request.upgrades(to: "websocket"), headers.all("Sec-WebSocket-Version") == ["13"] else {
            throw .upgradeRequired
        }
        guard headers["Transfer-Encoding"] == nil, headers["Content-Length"].map({ $0 == "0" }) ?? true else {
            throw .unexpectedBody
        }
        let keys = headers.all("Sec-WebSocket-Key")
        guard let key = keys.first, keys.count == 1, key.utf8.count == 24, Base64.decode(key)?.count == 16 else {
            throw .malformedKey
        }

        var agreement = Agreement()
        var answer: Headers = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": acceptKey(for: key),
        ]
        if let chosen = headers.elements("Sec-WebSocket-Protocol").first(where: { subprotocols.contains(String($0)) }) {
            agreement.subprotocol = String(chosen)
            answer.add("Sec-WebSocket-Protocol", String(chosen))
        }
        if let deflate, let offers = WebSocketExtension.list(in: headers), let (text, agreed) = deflate.accept(offers) {
            agreement.deflate = agreed
            answer.add("Sec-WebSocket-Extensions", text)
        }
        return (ResponseHead(status: 101, headers: answer), agreement)
    }

    /// The `Sec-WebSocket-Accept` for this `Sec-WebSocket-Key`: proof that the server understood the request.
    package static func acceptKey(for key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
