package import Core
package import EventLoop
package import Wire

/// One end of a WebSocket (RFC 6455), on its loop; use it there.
///
/// Answers pings itself. Set the observer when the socket is handed over.
package final class WebSocket: ConnectionHandler, RosterMember {
    private enum State { case open, closing, over }

    private var connection: Connection?
    private var codec: WebSocketCodec
    private var owner: ServerLoop?
    private let options: WebSocketOptions
    private let role: WebSocketRole
    private var state = State.open
    private var closeTimer: LoopTimer?
    private var pingTimer: LoopTimer?
    private var awaitsPong = false
    private var isPaused = false
    private var isDelivering = false
    private var storedObserver: (any StreamObserver)?
    var slot: Int32 = -1

    /// The subprotocol agreed on, if any.
    package let subprotocol: String?
    /// Whether messages may travel compressed; then frames that others encoded must be too (see `WebSocketCodec`).
    package let deflates: Bool

    /// Why the socket is over; nil while it isn't.
    package private(set) var ending: WebSocketClosed?

    /// Receives the socket's messages and events; kept until the socket is over. `closed` is called at once if it is over
    /// already.
    package var observer: (any StreamObserver)? {
        get { storedObserver }
        set {
            if ending != nil, let newValue { return newValue.closed() }
            storedObserver = newValue
        }
    }

    init(
        _ connection: Connection, role: WebSocketRole, options: WebSocketOptions, deflate: WebSocketDeflate?,
        subprotocol: String?, owner: ServerLoop?
    ) {
        self.connection = connection
        self.role = role
        self.options = options
        self.owner = owner
        self.subprotocol = subprotocol
        deflates = deflate != nil
        codec = WebSocketCodec(
            role: role, limits: WebSocketLimits(message: options.maximumMessage), deflate: deflate)
        guard let interval = options.pingInterval else { return }
        pingTimer = connection.loop.schedule(after: interval, repeating: interval) { [weak self] in
            self?.checkLiveness()
        }
    }

    /// Processes what arrived after the handshake, then reads on.
    func begin(with remaining: [UInt8]) {
        connection?.handler = self
        codec.append(remaining)
        deliver()
    }

    package var loop: EventLoop? { connection?.loop }
    package var isOpen: Bool { state == .open }
    /// Bytes that the other side has not taken yet.
    package var queuedBytes: Int { connection?.queuedBytes ?? 0 }

    // MARK: Sending

    package func send(text: String) { if state == .open { write(codec.encode(text: text)) } }
    package func send(binary: [UInt8]) { if state == .open { write(codec.encode(binary: binary)) } }
    /// Sends a frame that is encoded already and shared with others. Only a server may.
    package func send(frame: [UInt8]) {
        precondition(role == .server, "a client masks each frame for itself")
        if state == .open { write(frame) }
    }
    /// Sends several such frames in one system call.
    package func send(frames: [[UInt8]]) {
        precondition(role == .server, "a client masks each frame for itself")
        if state == .open { endIfFull(connection?.write(frames)) }
    }
    /// - Parameter payload: at most 125 bytes; comes back in a pong.
    package func ping(_ payload: [UInt8] = []) { if state == .open { write(codec.encodePing(payload)) } }

    private func write(_ frame: [UInt8]) { endIfFull(connection?.write(frame)) }

    /// A frame was dropped because the queue is full: what follows would make no sense.
    private func endIfFull(_ outcome: WriteOutcome?) {
        if outcome == .overflow { end(.lost("The other side reads too slowly."), by: { $0.abort() }) }
    }

    // MARK: Reading

    /// Delivers no more messages until reading is resumed, so that the other side has to wait.
    package func pauseReading() {
        isPaused = true
        connection?.pauseReading()
    }

    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        deliver()
        if !isPaused { connection?.resumeReading() }
    }

    package func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        awaitsPong = false
        unsafe codec.append(bytes)
        deliver()
    }

    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        defer { isDelivering = false }
        do throws(WebSocketError) {
            while state != .over, !isPaused, let message = try codec.next() { take(message) }
        } catch {
            if state == .open { write(codec.encodeClose(error.closeCode, reason: error.message)) }
            let closed = WebSocketClosed(
                closeCode: Int(error.closeCode.rawValue), reason: error.message, isClean: false)
            end(closed, by: LingeringClose.begin)
        }
    }

    private func take(_ message: WebSocketMessage) {
        switch message {
        case .text, .binary: if state == .open { storedObserver?.received(message) }
        case .ping(let payload):
            // A peer that pings and reads nothing gets no more pongs queued.
            if state == .open, queuedBytes == 0 { write(codec.encodePong(payload)) }
        case .pong: break
        case .close(let code, let reason):
            if state == .open { write(codec.encodeClose(code, reason: "")) }
            end(
                WebSocketClosed(closeCode: Int(code.rawValue), reason: reason, isClean: true), by: LingeringClose.begin)
        }
    }

    // MARK: Ending

    /// Sends a close frame; the socket is over when the other side has answered it, or hasn't within
    /// `WebSocketOptions.closeTimeout`.
    package func close(code: WebSocketCloseCode = .normal, reason: String = "") {
        guard state == .open, let connection else { return }
        state = .closing
        write(codec.encodeClose(code, reason: reason))
        guard state == .closing else { return }
        closeTimer = connection.loop.schedule(after: options.closeTimeout) { [weak self] in
            self?.end(.lost("The other side didn't answer the close."), by: { $0.abort() })
        }
        resumeReading()
    }

    /// Ends the connection without a close frame.
    package func abort() { end(.lost("The connection was aborted on this side."), by: { $0.abort() }) }

    package func receivedEnd(on connection: Connection) {
        end(.lost("The connection ended without a close frame."), by: { $0.abort() })
    }

    package func writable(on connection: Connection) { storedObserver?.becameWritable() }

    package func closed(on connection: Connection, error: (any CodedError)?) {
        end(.lost(error?.message ?? "The connection was lost."), by: { _ in })
    }

    private func checkLiveness() {
        // A paused reader can't see pongs.
        guard !isPaused else { return }
        if awaitsPong { return end(.lost("The other side doesn't answer pings."), by: { $0.abort() }) }
        awaitsPong = true
        ping()
    }

    private func end(_ closed: WebSocketClosed, by finish: (Connection) -> Void) {
        guard state != .over, let connection else { return }
        state = .over
        ending = closed
        self.connection = nil
        connection.handler = nil
        closeTimer?.cancel()
        pingTimer?.cancel()
        (closeTimer, pingTimer) = (nil, nil)
        owner?.remove(self)
        owner = nil
        finish(connection)
        let observer = storedObserver
        storedObserver = nil
        observer?.closed()
    }
}

extension WebSocketClosed {
    static func lost(_ reason: String) -> WebSocketClosed {
        WebSocketClosed(closeCode: Int(WebSocketCloseCode.abnormal.rawValue), reason: reason, isClean: false)
    }
}
