package import Core
package import EventLoop
package import Wire

/// One end of a WebSocket (RFC 6455), on its loop; use it there.
///
/// Answers pings itself. Set the observer when the socket is handed over. While nothing is coming in it keeps no codec, so that
/// an idle one costs little more than an `EventStream`.
package final class WebSocket: ConnectionHandler, RosterMember {
    private enum State { case open, closing, over }

    private var connection: Connection?
    private let terms: WebSocketTerms
    /// Exists while it holds something: part of a message, or a context for the next one.
    private var codec: KeptCodec?
    private var owner: ServerLoop?
    private var storedObserver: (any StreamObserver)?
    /// The next ping while the socket is open, then the end of the patience with the other side's answer to the close.
    private var timer: LoopTimer?
    private var storedEnding: Ending?
    /// Whose socket it is, if that is counted.
    let client: Clients.Client?
    var slot: Int32 = -1
    private var state = State.open
    private var awaitsPong = false
    private var isPaused = false
    private var isDelivering = false

    /// The subprotocol agreed on, if any.
    package var subprotocol: String? { terms.subprotocol }
    /// Whether messages may travel compressed; then frames that others encoded must be too (see `WebSocketCodec`).
    package var deflates: Bool { terms.deflate != nil }

    /// Why the socket is over; nil while it isn't.
    package var ending: WebSocketClosed? { storedEnding?.closed }

    /// In an object of its own, since almost all sockets that exist have none.
    private final class Ending {
        let closed: WebSocketClosed
        init(_ closed: WebSocketClosed) { self.closed = closed }
    }

    private final class KeptCodec {
        var codec: WebSocketCodec
        init(_ codec: consuming WebSocketCodec) { self.codec = codec }
    }

    /// Receives the socket's messages and events; kept until the socket is over. `closed` is called at once if it is over
    /// already.
    package var observer: (any StreamObserver)? {
        get { storedObserver }
        set {
            if storedEnding != nil, let newValue { return newValue.closed() }
            storedObserver = newValue
        }
    }

    init(_ connection: Connection, _ terms: WebSocketTerms, owner: ServerLoop?, client: Clients.Client? = nil) {
        self.connection = connection
        self.client = client
        self.terms = terms
        self.owner = owner
        guard let interval = terms.options.pingInterval else { return }
        timer = connection.loop.schedule(after: interval, repeating: interval) { [weak self] in
            self?.checkLiveness()
        }
    }

    /// Processes what arrived after the handshake, then reads on.
    func begin(with remaining: [UInt8]) {
        connection?.handler = self
        guard !remaining.isEmpty else { return }
        openedCodec().codec.append(remaining)
        deliver()
    }

    private func openedCodec() -> KeptCodec {
        if let codec { return codec }
        let new = KeptCodec(
            WebSocketCodec(
                role: terms.role, limits: WebSocketLimits(message: terms.options.maximumMessage),
                deflate: terms.deflate))
        codec = new
        return new
    }

    private func dropCodecIfIdle() { if codec?.codec.isIdle == true { codec = nil } }

    private func encode(_ body: (inout WebSocketCodec) -> [UInt8]) -> [UInt8] {
        let kept = openedCodec()
        defer { dropCodecIfIdle() }
        return body(&kept.codec)
    }

    package var loop: EventLoop? { connection?.loop }
    package var isOpen: Bool { state == .open }
    /// Bytes that the other side has not taken yet.
    package var queuedBytes: Int { connection?.queuedBytes ?? 0 }

    // MARK: Sending

    package func send(text: String) { if state == .open { write(encode { $0.encode(text: text) }) } }
    package func send(binary: [UInt8]) { if state == .open { write(encode { $0.encode(binary: binary) }) } }
    /// Sends a frame that is encoded already and shared with others. Only a server may.
    package func send(frame: [UInt8]) {
        precondition(terms.role == .server, "a client masks each frame for itself")
        if state == .open { write(frame) }
    }
    /// Sends several such frames in one system call.
    package func send(frames: [[UInt8]]) {
        precondition(terms.role == .server, "a client masks each frame for itself")
        if state == .open { endIfFull(connection?.write(frames)) }
    }
    /// - Parameter payload: at most 125 bytes; comes back in a pong.
    package func ping(_ payload: [UInt8] = []) { if state == .open { write(encode { $0.encodePing(payload) }) } }

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
        unsafe openedCodec().codec.append(bytes)
        deliver()
    }

    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        defer {
            isDelivering = false
            dropCodecIfIdle()
        }
        do throws(WebSocketError) {
            while state != .over, !isPaused, let message = try codec?.codec.next() { take(message) }
        } catch {
            if state == .open { write(encode { $0.encodeClose(error.closeCode, reason: error.message) }) }
            let closed = WebSocketClosed(
                closeCode: Int(error.closeCode.rawValue), reason: error.message, isClean: false)
            end(closed, by: lingering)
        }
    }

    private func take(_ message: WebSocketMessage) {
        switch message {
        case .text, .binary: if state == .open { storedObserver?.received(message) }
        case .ping(let payload):
            // A peer that pings and reads nothing gets no more pongs queued.
            if state == .open, queuedBytes == 0 { write(encode { $0.encodePong(payload) }) }
        case .pong: break
        case .close(let code, let reason):
            if state == .open { write(encode { $0.encodeClose(code, reason: "") }) }
            end(
                WebSocketClosed(closeCode: Int(code.rawValue), reason: reason, isClean: true), by: lingering)
        }
    }

    // MARK: Ending

    /// Sends a close frame; the socket is over when the other side has answered it, or hasn't within
    /// `WebSocketOptions.closeTimeout`.
    package func close(code: WebSocketCloseCode = .normal, reason: String = "") {
        guard state == .open, let connection else { return }
        state = .closing
        write(encode { $0.encodeClose(code, reason: reason) })
        guard state == .closing else { return }
        timer?.cancel()
        timer = connection.loop.schedule(after: terms.options.closeTimeout) { [weak self] in
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

    /// Lets the other side read what was sent last.
    private var lingering: (Connection) -> Void {
        { [client, server = owner?.state] in LingeringClose.begin($0, at: server, of: client) }
    }

    private func end(_ closed: WebSocketClosed, by finish: (Connection) -> Void) {
        guard state != .over, let connection else { return }
        state = .over
        storedEnding = Ending(closed)
        codec = nil
        self.connection = nil
        connection.handler = nil
        timer?.cancel()
        timer = nil
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
