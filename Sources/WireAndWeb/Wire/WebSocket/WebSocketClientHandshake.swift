import Crypto

/// The client's side of opening a WebSocket (RFC 6455 §4.1): send a GET request with `headers` and a Host, then `verify` the
/// head that comes back.
package struct WebSocketClientHandshake: Sendable {
    private let key: String
    private let subprotocols: [String]
    private let deflate: WebSocketDeflate?

    /// - Parameters:
    ///   - subprotocols: those the client speaks, the best first.
    ///   - deflate: what to offer; `nil` to compress nothing.
    ///   - nonce: 16 random bytes.
    package init(
        subprotocols: [String] = [], deflate: WebSocketDeflate? = WebSocketDeflate(),
        nonce: [UInt8] = SecureRandom.bytes(16)
    ) {
        precondition(nonce.count == 16, "the key is 16 bytes")
        precondition(subprotocols.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(ASCII.isToken) })
        key = Base64.encode(nonce)
        self.subprotocols = subprotocols
        self.deflate = deflate
    }

    /// The fields that make a request one for a WebSocket.
    package var headers: Headers {
        var headers: Headers = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13",
        ]
        if !subprotocols.isEmpty { headers.add("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", ")) }
        if let deflate { headers.add("Sec-WebSocket-Extensions", deflate.offer) }
        return headers
    }

    /// Returns what the server agreed to.
    ///
    /// - Throws: `WebSocketHandshakeError` when the response doesn't accept this request.
    package func verify(
        _ response: ResponseHead
    ) throws(WebSocketHandshakeError) -> WebSocketHandshake.Agreement {
        let headers = response.headers
        guard response.status == 101 else {
            throw .refused("The server answered \(response.status) instead of opening a WebSocket.")
        }
        guard headers.lists("websocket", in: "Upgrade"), headers.lists("Upgrade", in: "Connection") else {
            throw .refused("The server went over to another protocol.")
        }
        guard headers.all("Sec-WebSocket-Accept") == [WebSocketHandshake.acceptKey(for: key)] else {
            throw .refused("The server's answer doesn't belong to this request.")
        }
        let chosen = headers.all("Sec-WebSocket-Protocol")
        guard chosen.count <= 1, chosen.allSatisfy(subprotocols.contains) else {
            throw .refused("The server chose a subprotocol that wasn't offered.")
        }
        return WebSocketHandshake.Agreement(subprotocol: chosen.first, deflate: try verifyExtensions(headers))
    }

    private func verifyExtensions(_ headers: Headers) throws(WebSocketHandshakeError) -> WebSocketDeflate? {
        let list = WebSocketExtension.list(in: headers)
        if list?.isEmpty == true { return nil }
        guard let list, list.count == 1, let agreed = deflate?.agreed(by: list[0]) else {
            throw .refused("The server chose an extension that wasn't offered.")
        }
        return agreed
    }
}
