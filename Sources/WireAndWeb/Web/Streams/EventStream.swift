package import Core
package import EventLoop

/// A connection that has become an event stream (`text/event-stream`).
///
/// It belongs to its loop; use it there. While idle it is this object and a socket: no task, no buffer. What the client
/// sends is discarded; when the client ends its side, the stream is over.
package final class EventStream: ConnectionHandler, RosterMember {
    private var connection: Connection?
    private var owner: ServerLoop?
    private var storedObserver: (any StreamObserver)?
    /// Whose stream it is, if that is counted.
    let client: Clients.Client?
    var slot: Int32 = -1

    init(_ connection: Connection, owner: ServerLoop?, client: Clients.Client?) {
        self.connection = connection
        self.owner = owner
        self.client = client
    }

    /// Receives the stream's events; kept until the stream is over. `closed` is called at once if it is over already.
    package var observer: (any StreamObserver)? {
        get { storedObserver }
        set {
            if connection == nil, let newValue { return newValue.closed() }
            storedObserver = newValue
        }
    }

    /// The loop that the stream lives on; nil once it is over.
    package var loop: EventLoop? { connection?.loop }

    package var isOpen: Bool { connection != nil }

    /// Bytes that the client has not taken yet; zero once the stream is over.
    package var queuedBytes: Int { connection?.queuedBytes ?? 0 }

    /// Sends an encoded frame (see `Wire.SSE`): at once if the socket takes it, otherwise queued. The array is shared.
    ///
    /// A stream whose queue can hold no more would have a gap; it is ended instead.
    package func send(_ frame: [UInt8]) {
        if case .overflow? = connection?.write(frame) { abort() }
    }

    /// Sends several frames in one system call.
    package func send(_ frames: [[UInt8]]) {
        if case .overflow? = connection?.write(frames) { abort() }
    }

    /// Ends the stream once what is queued has left, within a few seconds.
    package func close() {
        guard let connection else { return }
        let server = owner?.state
        detach()
        LingeringClose.begin(connection, at: server, of: client)
    }

    /// Ends the stream at once; what is queued is lost.
    package func abort() {
        guard let connection else { return }
        detach()
        connection.abort()
    }

    package func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {}

    package func receivedEnd(on connection: Connection) {
        detach()
        connection.abort()
    }

    package func writable(on connection: Connection) { storedObserver?.becameWritable() }

    package func closed(on connection: Connection, error: (any CodedError)?) { detach() }

    /// Releases everything, then calls the observer's `closed`. Only the first call does anything.
    private func detach() {
        guard connection != nil else { return }
        connection?.handler = nil
        connection = nil
        owner?.remove(self)
        owner = nil
        let observer = storedObserver
        storedObserver = nil
        observer?.closed()
    }
}
