import Core

/// What arrives on a WebSocket, whole.
package enum WebSocketMessage: Sendable, Equatable {
    case text(String)
    case binary([UInt8])
    /// Answer it at once with a pong of the same bytes.
    case ping([UInt8])
    case pong([UInt8])
    /// The last that arrives. Answer with a close frame, unless one has been sent, and let the server close the connection. The
    /// code is `noStatus` where the frame held none.
    case close(WebSocketCloseCode, reason: String)
}

/// Which side of a WebSocket this is: a client masks what it sends, a server doesn't (RFC 6455 §5.1).
package enum WebSocketRole: Sendable, CaseIterable {
    case client, server
}

/// Why bytes are no acceptable WebSocket traffic. Send a close frame with `closeCode`, then close the connection.
package struct WebSocketError: CodedError, Equatable {
    package let closeCode: WebSocketCloseCode
    package let code: String
    package let message: String

    init(_ closeCode: WebSocketCloseCode, _ code: String, _ message: String) {
        self.closeCode = closeCode
        self.code = code
        self.message = message
    }

    static func violation(_ code: String, _ message: String) -> WebSocketError {
        WebSocketError(.protocolError, code, message)
    }

    static let reservedBits = violation("reserved_bits", "A frame sets a bit that nothing agreed on gives a meaning.")
    static let unknownOpcode = violation("unknown_opcode", "A frame's opcode has no meaning.")
    static let wrongMasking = violation("wrong_masking", "Clients mask every frame, servers none.")
    static let malformedControlFrame = violation(
        "malformed_control_frame", "Control frames are whole and hold at most 125 bytes.")
    static let malformedLength = violation("malformed_length", "A frame's length isn't in its shortest form.")
    static let unexpectedContinuation = violation(
        "unexpected_continuation", "A frame continues a message that hasn't begun.")
    static let unfinishedMessage = violation(
        "unfinished_message", "A message begins before the one before it has ended.")
    static let malformedClose = violation("malformed_close", "A close frame's code isn't allowed.")
    static let malformedText = WebSocketError(.invalidData, "malformed_text", "A text isn't valid UTF-8.")
    static let malformedCompression = WebSocketError(
        .invalidData, "malformed_compression", "A compressed message is damaged.")
    static let messageTooBig = WebSocketError(
        .messageTooBig, "message_too_big", "A message is larger than accepted.")
}
