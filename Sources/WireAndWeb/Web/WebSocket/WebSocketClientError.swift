import Core

/// Why a WebSocket could not be opened.
package struct WebSocketClientError: CodedError, Equatable {
    package let code: String
    package let message: String
    /// The status that the server answered instead of accepting, if it answered.
    package let status: Int?

    init(_ code: String, _ message: String, status: Int? = nil) {
        self.code = code
        self.message = message
        self.status = status
    }

    static let timeout = WebSocketClientError("handshake_timeout", "The server didn't finish the handshake in time.")
}
