/// Sends to one client's socket. Everything is queued in order; nothing blocks.
package struct GatewayOutlet: Sendable {
    /// Identifies the connection, so that the late end of an old one does not detach the one that replaced it.
    package let id: UInt64
    package let send: @Sendable (String) -> Void
    /// Closes with a code that tells the client what to do.
    package let close: @Sendable (_ code: Int, _ reason: String) -> Void
    /// Aborts the connection without a close frame.
    package let drop: @Sendable () -> Void
    /// Sends op 9; when the session can't be resumed the client has to identify again, on this socket or another.
    package let invalidate: @Sendable (_ isResumable: Bool) -> Void

    package init(
        id: UInt64, send: @escaping @Sendable (String) -> Void, close: @escaping @Sendable (Int, String) -> Void,
        drop: @escaping @Sendable () -> Void, invalidate: @escaping @Sendable (Bool) -> Void
    ) {
        self.id = id
        self.send = send
        self.close = close
        self.drop = drop
        self.invalidate = invalidate
    }
}
