package import Wire

/// Observes an `EventStream` or a `WebSocket`, on its loop.
///
/// The stream keeps its observer until it is over, and lets go of it right before it calls `closed`.
package protocol StreamObserver: AnyObject {
    /// A text or binary message has arrived on a WebSocket. Messages come in order; a WebSocket answers pings itself. Event
    /// streams receive nothing.
    func received(_ message: WebSocketMessage)

    /// Everything that was queued has left, after some of it had to wait.
    func becameWritable()

    /// The stream is over, whoever ended it: called exactly once, as soon as the client goes, also in mid-write and when the
    /// server stops. `WebSocket.ending` says why.
    func closed()
}

extension StreamObserver {
    package func received(_ message: WebSocketMessage) {}
    package func becameWritable() {}
}
