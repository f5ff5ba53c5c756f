/// Hears from an event stream, on the stream's loop.
package protocol EventStreamDelegate: AnyObject {
    /// Everything that was queued has left, after some of it had to wait.
    func streamBecameWritable(_ stream: EventStream)
    /// The stream is over, whoever ended it: called exactly once, at once when the client goes, also in mid-write and when
    /// the server stops. The stream has let go of the delegate.
    func streamClosed(_ stream: EventStream)
}

extension EventStreamDelegate {
    package func streamBecameWritable(_ stream: EventStream) {}
}

/// The delegate behind `EventStream.onClose` and `onWritable`.
final class EventStreamCallbacks: EventStreamDelegate {
    var onClose: (() -> Void)?
    var onWritable: (() -> Void)?

    func streamBecameWritable(_ stream: EventStream) { onWritable?() }

    func streamClosed(_ stream: EventStream) {
        let closed = onClose
        onClose = nil
        onWritable = nil
        closed?()
    }
}
