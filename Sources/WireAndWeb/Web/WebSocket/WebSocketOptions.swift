/// How one side of a WebSocket behaves.
package struct WebSocketOptions: Sendable, Equatable {
    /// The longest message accepted, decompressed, in bytes; a longer one closes with 1009.
    package var maximumMessage = 1024 * 1024
    /// Whether permessage-deflate (RFC 7692) is offered or accepted.
    package var deflate = false
    /// How long the other side has to answer a close.
    package var closeTimeout: Duration = .seconds(5)
    /// How often the other side is asked for a sign of life; one that gives none until the next time is dropped. Nil: never.
    package var pingInterval: Duration?

    package init() {}
}

/// A handler's consent to a WebSocket, for the server to carry out.
package struct WebSocketUpgrade: Sendable {
    let options: WebSocketOptions
    let subprotocols: [String]
    let open: @Sendable (WebSocket) -> Void
}
