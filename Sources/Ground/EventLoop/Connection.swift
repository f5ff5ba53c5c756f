import CLibuv
import Core
import Crypto

/// One TCP connection, plain or encrypted, on one loop.
///
/// Reading starts when a handler is set and goes on until paused, so that the peer's end or disappearance is seen at once;
/// an idle connection should go on reading. A closed connection may still be used: nothing happens then.
///
/// While idle and unencrypted it consists of this object, libuv's handle and the system's socket. Bytes are received in
/// memory that all connections of the loop share, and sent from the caller's.
@safe package final class Connection {
    struct Flags: OptionSet {
        let rawValue: UInt16
        static let started = Flags(rawValue: 1)
        static let paused = Flags(rawValue: 1 << 1)
        /// The peer sends no more.
        static let endReceived = Flags(rawValue: 1 << 2)
        /// We send no more once the queue is empty.
        static let endWanted = Flags(rawValue: 1 << 3)
        /// We have sent our end.
        static let endSent = Flags(rawValue: 1 << 4)
        /// Close as soon as the queue is empty.
        static let closeWanted = Flags(rawValue: 1 << 5)
        static let closed = Flags(rawValue: 1 << 6)
        /// Noticed while paused: the peer has sent its end.
        static let hangupSeen = Flags(rawValue: 1 << 7)
    }

    // In the order that leaves no gaps: there are as many of these objects as connections.
    package let loop: EventLoop
    package let remoteAddress: SocketAddress
    var flags: Flags = []
    /// The socket; ours to close.
    let fd: Int32
    /// Receives the connection's events. Setting the first one starts the reading; another may take over at any time, also while
    /// bytes are being delivered. Kept until the connection is closed, and so is a connection that never gets one.
    package var handler: (any ConnectionHandler)? {
        didSet {
            guard handler != nil, !flags.contains(.started), !flags.contains(.closed) else { return }
            flags.insert(.started)
            resumeReceiving()
        }
    }
    /// Given back to the loop when libuv has closed it.
    let poll: UnsafeMutablePointer<uv_poll_t>
    var queue: WriteQueue?
    var tls: TLSLayer?
    private var queueLimit = UInt32(Connection.defaultMaximumQueuedBytes)
    /// What went wrong (an errno), to be reported when the connection has closed.
    var failure: Int32 = 0
    private var storedInterest: UInt8 = 0

    /// What the loop watches the socket for.
    var interest: Int32 {
        get { Int32(storedInterest) }
        set { storedInterest = UInt8(newValue) }
    }

    /// How many bytes may wait for the peer before `write` refuses more, at most 4 GiB. One write is always taken if nothing
    /// waits, however long it is.
    package var maximumQueuedBytes: Int {
        get { Int(queueLimit) }
        set { queueLimit = UInt32(clamping: newValue) }
    }

    package static let defaultMaximumQueuedBytes = 8 * 1024 * 1024

    /// Takes over a connected, non-blocking socket. To be called on the loop.
    init(fd: Int32, loop: EventLoop, remoteAddress: SocketAddress, engine: TLSEngine? = nil) {
        loop.preconditionCurrent()
        self.loop = loop
        self.fd = fd
        self.remoteAddress = remoteAddress
        unsafe poll = loop.takePollHandle()
        tls = engine.map { TLSLayer(engine: $0) }
        tandem_set_option(fd, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // A loop that ends closes no more handles than it has now.
        let status = loop.isStopping ? -ECANCELED : unsafe uv_poll_init(loop.uv, poll, fd)
        guard status == 0 else {
            // Otherwise, the system watches too many descriptors.
            failure = -status
            flags.insert(.closed)
            unsafe loop.giveBack(poll)
            systemClose(fd)
            loop.atEndOfTurn { [self] in reportClosed() }
            return
        }
        // Balanced in the callback of `uv_close`: an open connection stays, even if nothing else keeps it.
        unsafe poll.pointee.data = Unmanaged.passRetained(self as AnyObject).toOpaque()
    }

    // MARK: State

    /// Whether the connection still exists (it may have ended in either direction).
    package var isOpen: Bool { !flags.contains(.closed) }

    /// How many bytes wait for the peer to read.
    package var queuedBytes: Int { queue?.byteCount ?? 0 }

    /// Whether bytes are encrypted on their way.
    package var isEncrypted: Bool { tls != nil }

    /// The application protocol agreed on (ALPN), if any.
    package var applicationProtocol: String? { tls?.engine.applicationProtocol }

    // MARK: Reading

    /// Stops reading, so that the peer has to wait. The peer's end isn't noticed meanwhile, a reset is.
    package func pauseReading() {
        loop.preconditionCurrent()
        // The loop's interest changes only if bytes do arrive meanwhile: most pauses end before.
        flags.insert(.paused)
    }

    /// Resumes reading. Nothing is delivered from inside this call.
    package func resumeReading() {
        loop.preconditionCurrent()
        guard flags.contains(.paused) else { return }
        flags.remove(.paused)
        if isOpen, flags.contains(.started) { resumeReceiving() }
    }

    // MARK: Ending

    /// Sends what waits, then our end: the peer sees the end of the stream and may still answer. When both ends have been
    /// sent the connection closes.
    package func closeWrite() {
        loop.preconditionCurrent()
        guard isOpen, !flags.contains(.endWanted) else { return }
        flags.insert(.endWanted)
        if queuedBytes == 0 { sendEnd() }
    }

    /// Sends what waits, then closes; nothing is received any more. A peer that hasn't read it after `lingering` is cut off.
    ///
    /// If bytes from the peer lie unread, the system resets the connection, which may destroy what we sent last. Where that
    /// matters, use `closeWrite` and read on until the peer's end.
    package func close(lingering: Duration = .seconds(30)) {
        loop.preconditionCurrent()
        guard isOpen, !flags.contains(.closeWanted) else { return }
        flags.formUnion([.closeWanted, .paused])
        guard queuedBytes > 0, failure == 0 else {
            sendEnd()
            return finish()
        }
        updateInterest()
        queue?.lingerTimer = loop.schedule(after: lingering) { [weak self] in self?.abort() }
    }

    /// Closes at once and resets the connection for the peer; what is queued is dropped. The handler's `closed` follows soon,
    /// without an error.
    package func abort() {
        loop.preconditionCurrent()
        guard isOpen else { return }
        tandem_set_reset_on_close(fd)
        finish()
    }

    /// Ends the connection because of an error.
    func fail(_ number: Int32) {
        guard isOpen else { return }
        failure = number
        finish()
    }

    /// Sends our end of the stream, once.
    func sendEnd() {
        guard !flags.contains(.endSent) else { return }
        flags.insert(.endSent)
        if let tls {
            tls.sendCloseNotify()
            sendOutput(of: tls)
            guard isOpen else { return }
            if queue != nil {
                // The closing alert itself is queued; the socket is shut down when it has left.
                flags.remove(.endSent)
                flags.insert(.endWanted)
                return
            }
        }
        systemShutdownWrite(fd)
        if flags.contains(.endReceived) { finish() }
    }

    /// Closes handle and socket, exactly once; the handler's `closed` is called from libuv's callback.
    func finish() {
        guard isOpen else { return }
        flags.insert(.closed)
        queue?.lingerTimer?.cancel()
        queue = nil
        tls?.timer?.cancel()
        // From here on libuv no longer watches the descriptor, so it may be closed before the handle's memory goes.
        unsafe uv_close(UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            let owner = unsafe Unmanaged<AnyObject>.fromOpaque(handle!.pointee.data).takeRetainedValue()
            let connection = unsafe unsafeDowncast(owner, to: Connection.self)
            unsafe connection.loop.giveBack(connection.poll)
            connection.reportClosed()
        }
        systemClose(fd)
    }

    private func reportClosed() {
        let last = handler
        handler = nil
        let error = closingError
        if let tls {
            self.tls = nil
            tls.timer?.cancel()
            tls.handshakeEnded?(error ?? NetworkError.closedInHandshake)
            tls.handshakeEnded = nil
        }
        last?.closed(on: self, error: error)
    }

    private var closingError: (any CodedError)? {
        if let error = tls?.failure { return error }
        return failure == 0 ? nil : NetworkError.system(failure, "keep the connection to \(remoteAddress)")
    }
}

extension Connection: LoopDependent {
    func loopStops() { fail(ECANCELED) }
}
