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

    /// The head to answer with, after which frames follow, and what holds for them.
    ///
    /// Who may open it (`Origin`, session) is for the caller to decide before.
    ///
    /// - Parameters:
    ///   - subprotocols: those the server speaks; the first of the client's that is among them is chosen.
    ///   - deflate: what the server would have; `nil` to compress nothing.
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

    /// What `Sec-WebSocket-Accept` says to this `Sec-WebSocket-Key`: proof that the server understood the request.
    package static func acceptKey(for key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
