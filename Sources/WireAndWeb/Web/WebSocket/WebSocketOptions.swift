/// How one side of a WebSocket behaves.
package struct WebSocketOptions: Sendable, Equatable {
    /// The longest message accepted, decompressed, in bytes; a longer one closes with 1009.
    package var maximumMessage = 1024 * 1024
    /// Whether permessage-deflate (RFC 7692) is offered or accepted.
    package var deflate = false
    /// How long the other side may take to answer a close frame.
    package var closeTimeout: Duration = .seconds(5)
    /// How often a ping is sent; a peer from which nothing has arrived by the next one is dropped. Nil: never. No server sets it
    /// yet; the streams of rooms and tables will.
    package var pingInterval: Duration?

    package init() {}
}

/// What a handler's response to a WebSocket handshake asks the server to do.
package struct WebSocketUpgrade: Sendable {
    let options: WebSocketOptions
    let subprotocols: [String]
    let open: @Sendable (WebSocket) -> Void
}
