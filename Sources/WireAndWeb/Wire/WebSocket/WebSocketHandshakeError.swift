import Core

/// Why a WebSocket can't be opened.
package struct WebSocketHandshakeError: CodedError, Equatable {
    /// What a server answers; 502 where it is the server's answer that is wrong.
    package let status: Int
    package let code: String
    package let message: String
    /// Fields that belong into the answer.
    package let headers: Headers

    init(status: Int = 400, _ code: String, _ message: String, headers: Headers = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    static let wrongMethod = WebSocketHandshakeError(
        status: 405, "websocket_method", "A WebSocket is opened with GET.", headers: ["Allow": "GET"])
    static let upgradeRequired = WebSocketHandshakeError(
        status: 426, "websocket_required", "This address is spoken to over a WebSocket of version 13.",
        headers: ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"])
    static let malformedKey = WebSocketHandshakeError(
        "websocket_key", "Sec-WebSocket-Key isn't 16 bytes in base64.")
    static let unexpectedBody = WebSocketHandshakeError(
        "websocket_body", "A request that opens a WebSocket has no body.")

    static func refused(_ message: String) -> WebSocketHandshakeError {
        WebSocketHandshakeError(status: 502, "websocket_refused", message)
    }
}
