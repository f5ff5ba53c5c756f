import EventLoop
package import Web

/// A stream of snapshots: each holds the whole state of a thing, so only the newest matters. A reader that is slower
/// than the changes skips what has been replaced, and never delays another.
///
/// Use it on the stream's loop. The snapshot streams of card tables will use it; so far only tests do.
package final class ConflatingStream: StreamObserver {
    private let stream: EventStream
    private let onClose: () -> Void
    private var sent: Int64
    private var waiting: (version: Int64, frame: [UInt8])?

    /// - Parameters:
    ///   - version: the version that the client has already; only newer ones are sent.
    ///   - onClose: called once, when the stream is over.
    package init(_ stream: EventStream, after version: Int64 = -1, onClose: @escaping () -> Void) {
        self.stream = stream
        self.sent = version
        self.onClose = onClose
        stream.observer = self
    }

    /// Sends the snapshot now if the client has taken everything before it; otherwise keeps it until then, unless a
    /// newer one is offered. A version older than one that was offered before is ignored, because builders may finish out of
    /// order.
    package func offer(version: Int64, frame: [UInt8]) {
        guard version > (waiting?.version ?? sent) else { return }
        if stream.queuedBytes > 0 {
            waiting = (version, frame)
        } else {
            sent = version
            stream.send(frame)
        }
    }

    package func becameWritable() {
        guard let (version, frame) = waiting else { return }
        waiting = nil
        offer(version: version, frame: frame)
    }

    package func closed() {
        waiting = nil
        onClose()
    }
}
