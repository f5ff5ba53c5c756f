import Core

/// Why a WebSocket is over.
package struct WebSocketClosed: CodedError, Equatable {
    /// The close code that the other side sent (RFC 6455, section 7.4), or 1006 when the connection was lost without.
    package let closeCode: Int
    package let reason: String
    /// Whether both sides have sent a close frame.
    package let isClean: Bool

    package init(closeCode: Int, reason: String, isClean: Bool) {
        self.closeCode = closeCode
        self.reason = reason
        self.isClean = isClean
    }

    package var code: String { "websocket_closed" }

    package var message: String {
        "The WebSocket was closed with code \(closeCode)" + (reason.isEmpty ? "." : ": \(reason)")
    }
}
