import Core
import EventLoop
import Wire

/// One connection while it serves requests, one after the other.
final class HTTPConnection: ConnectionHandler, RosterMember {
    /// A piece of a produced body waits while more than this is outstanding.
    private static let pieceBytes = 256 * 1024

    private let owner: ServerLoop
    private let connection: Connection
    private var exchange: Exchange
    private var task: Task<Void, Never>?
    private var current = RequestHead(method: "", target: "/")
    private var room: CheckedContinuation<Void, any Error>?
    private var isChunked = false
    /// What the declared length of a produced body still promises.
    private var remaining: Int?
    private var isPaused = false
    private var isOver = false
    /// Nothing more comes from the client, but an answer may still go to it.
    private var clientEnded = false
    private var closesWhenWritten = false
    /// The queue when it last became shorter, and when that was.
    private var progress = (queued: 0, since: UInt64(0))
    var slot: Int32 = -1

    init(_ connection: Connection, owner: ServerLoop) {
        self.owner = owner
        self.connection = connection
        let configuration = owner.state.configuration
        exchange = Exchange(
            limits: configuration.requestLimits,
            timeouts: .init(
                idle: UInt64(clamping: configuration.idleTimeout.milliseconds),
                head: UInt64(clamping: configuration.headTimeout.milliseconds),
                body: UInt64(clamping: configuration.bodyTimeout.milliseconds),
                handler: UInt64(clamping: configuration.handlerTimeout.milliseconds)),
            now: owner.loop.nowMilliseconds)
    }

    func begin() { connection.handler = self }

    // MARK: The connection

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        unsafe exchange.received(bytes)
        advance()
    }

    func receivedEnd(on connection: Connection) {
        clientEnded = true
        guard let task else { return advance() }
        // Most likely the client has gone; one that only ended its side still gets the answer, if there is one.
        task.cancel()
    }

    func writable(on connection: Connection) {
        if let room {
            self.room = nil
            exchange.answerProgressed(now: owner.loop.nowMilliseconds)
            return room.resume()
        }
        if closesWhenWritten, task == nil { return finish() }
        advance()
    }

    func closed(on connection: Connection, error: (any CodedError)?) { leave() }

    // MARK: Requests

    private func advance() {
        while !isOver, !closesWhenWritten, task == nil, connection.queuedBytes == 0 {
            switch exchange.next(now: owner.loop.nowMilliseconds) {
            case .wait:
                if clientEnded { finish() } else { readOn() }
                return
            case .sendContinue: connection.write(ResponseSerializer.continue)
            case .handle(let head, let body): handle(head, body)
            case .refuse(let error):
                owner.state.log.info(
                    "refused a malformed request", ["client": connection.remoteAddress.host, "code": error.code])
                refuse(status: error.status, code: error.code, message: error.message)
            }
        }
        if !isOver { readOn() }
    }

    /// Reads unless enough has been read ahead.
    private func readOn() {
        let isFull =
            exchange.bufferedBytes > owner.state.configuration.readAhead && (task != nil || connection.queuedBytes > 0)
        guard isFull != isPaused else { return }
        isPaused = isFull
        if isFull { connection.pauseReading() } else { connection.resumeReading() }
    }

    private func handle(_ head: RequestHead, _ body: [UInt8]) {
        current = head
        let configuration = owner.state.configuration
        var request = Request(
            head: head, body: body, remoteAddress: connection.remoteAddress.host,
            scheme: configuration.tls == nil ? "http" : "https")
        configuration.trustedProxies.apply(to: &request)
        let bound = LoopBound(self, loop: owner.loop)
        let router = owner.state.router
        task = Task(executorPreference: owner.loop.taskExecutor) { [request] in
            let response = await router.respond(to: request)
            await bound.value.answer(response, to: request)
        }
    }

    // MARK: Answers

    private func answer(_ response: Response, to request: Request) async {
        // A handler that took too long has no task here any more.
        guard !isOver, task != nil else { return }
        // One that has ended its side only may still be there, and learns from the end that there is no answer.
        if response.isAbandoned { return finish() }
        var response = response
        if owner.state.isDraining, response.isLongLived { response = Self.stopping }
        switch response.body {
        case .none: write(response, [], framing(of: response, request.method))
        case .bytes(let bytes): write(response, bytes, framing(of: response, request.method))
        case .produced(let length, let produce): await write(response, length, produce)
        case .eventStream(let open): return becomeStream(response, open)
        case .webSocket(let upgrade): if becomeSocket(response, upgrade) { return }
        }
        task = nil
        guard !isOver else { return }
        exchange.answered(now: owner.loop.nowMilliseconds)
        if closesWhenWritten, connection.queuedBytes == 0 { return finish() }
        advance()
    }

    private func framing(of response: Response, _ method: String) -> BodyFraming {
        if response.status == 304 { return .none }
        guard method == "HEAD" else { return .length(response.bytes.count) }
        return response.headers["content-length"].flatMap { Int($0) }.map { .length($0) } ?? .none
    }

    private func write(_ response: Response, _ body: [UInt8], _ framing: BodyFraming) {
        let head = head(of: response, framing)
        if body.isEmpty || ResponseHead.isBodiless(status: response.status, to: current.method) {
            connection.write(head)
        } else {
            connection.write([head, body])
        }
    }

    /// The head as it goes out, with the decision whether the connection is kept.
    private func head(of response: Response, _ framing: BodyFraming) -> [UInt8] {
        var head = ResponseHead(status: response.status, headers: response.headers)
        head.headers["date"] = owner.dateHeader
        let keeps =
            current.keepsAlive && framing != .untilClose && !owner.state.isDraining
            && !response.headers.lists("close", in: "connection")
        if !keeps {
            head.headers["connection"] = "close"
            closesWhenWritten = true
        } else if current.minorVersion == 0 {
            head.headers["connection"] = "keep-alive"
        }
        exchange.answerBegan(isLast: !keeps, now: owner.loop.nowMilliseconds)
        return ResponseSerializer.head(head, framing: framing)
    }

    private func write(
        _ response: Response, _ length: Int?, _ produce: @Sendable (BodyWriter) async throws -> Void
    ) async {
        isChunked = length == nil && current.minorVersion > 0
        let framing: BodyFraming = length.map { .length($0) } ?? (isChunked ? .chunked : .untilClose)
        connection.write(head(of: response, framing))
        guard !ResponseHead.isBodiless(status: response.status, to: current.method) else { return }
        remaining = length
        let bound = LoopBound(self, loop: owner.loop)
        let loop = owner.loop
        do {
            try await produce(
                BodyWriter { bytes in
                    try await withCheckedThrowingContinuation { continuation in
                        if loop.isCurrent { return bound.value.write(piece: bytes, continuation) }
                        loop.execute { bound.value.write(piece: bytes, continuation) }
                    }
                })
            guard !isOver else { return }
            guard remaining ?? 0 == 0 else { throw BodyFault.lengthMismatch }
            if isChunked { connection.write(ChunkedBody.end) }
        } catch {
            // The client can only learn from the connection's end that the body isn't whole.
            if !isOver, !clientEnded {
                owner.state.log.error("a body broke off", ["path": path(of: current), "error": "\(error)"])
            }
            abort()
        }
    }

    private func write(piece: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
        guard !isOver else { return continuation.resume(throwing: CancellationError()) }
        guard room == nil else { return continuation.resume(throwing: BodyFault.concurrentWrites) }
        if let remaining {
            guard piece.count <= remaining else { return continuation.resume(throwing: BodyFault.lengthMismatch) }
            self.remaining = remaining - piece.count
        }
        exchange.answerProgressed(now: owner.loop.nowMilliseconds)
        if !piece.isEmpty { connection.write(isChunked ? ChunkedBody.chunk(piece) : piece) }
        if isOver { return continuation.resume(throwing: CancellationError()) }
        if connection.queuedBytes > Self.pieceBytes { room = continuation } else { continuation.resume() }
    }

    private func becomeStream(_ response: Response, _ open: (EventStream) -> Void) {
        guard !clientEnded else { return finish() }
        connection.write(head(of: response, .untilClose))
        guard !isOver else { return }
        isOver = true
        task = nil
        let stream = EventStream(connection, owner: owner)
        owner.becameStream(self, stream)
        connection.handler = stream
        if isPaused { connection.resumeReading() }
        open(stream)
    }

    /// False when the request doesn't ask for a WebSocket rightly; it then has its answer.
    private func becomeSocket(_ response: Response, _ upgrade: WebSocketUpgrade) -> Bool {
        // The socket would not hear of that any more.
        guard !clientEnded else {
            finish()
            return true
        }
        do throws(WebSocketHandshakeError) {
            let (accepted, agreement) = try WebSocketHandshake.accept(
                current, subprotocols: upgrade.subprotocols,
                deflate: upgrade.options.deflate ? WebSocketDeflate() : nil)
            var head = accepted
            head.headers.append(contentsOf: response.headers)
            head.headers["date"] = owner.dateHeader
            connection.write(ResponseSerializer.head(head, framing: .none))
            isOver = true
            task = nil
            let socket = WebSocket(
                connection, role: .server, options: upgrade.options, deflate: agreement.deflate,
                subprotocol: agreement.subprotocol, owner: owner)
            owner.becameSocket(self, socket)
            if isPaused { connection.resumeReading() }
            upgrade.open(socket)
            socket.begin(with: exchange.takeRemaining())
            return true
        } catch {
            let answer = Response.error(
                HTTPError(error.status, error.code, error.message, headers: error.headers))
            write(answer, answer.bytes, .length(answer.bytes.count))
            return false
        }
    }

    // MARK: The end

    /// Refuses a request that isn't whole.
    private func refuse(status: Int, code: String, message: String) {
        current = RequestHead(method: "GET", target: "/")
        end(with: .error(HTTPError(status, code, message)))
    }

    /// Answers in the place of a handler that took too long; it's cancelled, and whatever it does then goes nowhere.
    private func giveUpHandler() {
        var response = Self.tookTooLong
        let id = RequestIdentifier.choose(from: current.headers)
        response.headers[RequestIdentifier.header] = id
        tellOfDelay("a handler took too long", id)
        end(with: response)
    }

    /// The client can only learn from the connection's end that the body isn't whole.
    private func giveUpBody() {
        tellOfDelay("a body took too long", RequestIdentifier.choose(from: current.headers))
        abort()
    }

    private func tellOfDelay(_ what: String, _ id: String) {
        owner.state.timedOut.increment()
        owner.state.log.error(
            what,
            [
                "request": id, "method": current.method, "path": path(of: current),
                "client": connection.remoteAddress.host,
            ])
    }

    /// Sends the connection's last answer.
    private func end(with response: Response) {
        exchange.stop()
        task?.cancel()
        task = nil
        var response = response
        response.headers["connection"] = "close"
        write(response, response.bytes, framing(of: response, current.method))
        if !isOver, connection.queuedBytes == 0 { finish() }
    }

    /// Ends the connection in good order; everything written has left.
    private func finish() {
        guard !isOver else { return }
        leave()
        if clientEnded { connection.close() } else { LingeringClose.begin(connection) }
    }

    func abort() {
        guard !isOver else { return }
        leave()
        connection.abort()
    }

    func closeIfIdle() {
        if task == nil, exchange.isBetweenRequests, connection.queuedBytes == 0 { finish() }
    }

    /// Lets go of everything; the handler in flight is cancelled.
    private func leave() {
        guard !isOver else { return }
        isOver = true
        connection.handler = nil
        owner.remove(self)
        task?.cancel()
        task = nil
        let room = room
        self.room = nil
        room?.resume(throwing: CancellationError())
    }

    func checkTime(_ now: UInt64) {
        switch exchange.lateness(now: now) {
        case .inTime: break
        case .unanswered: return giveUpHandler()
        // While something waits for the client, it's the client's turn.
        case .midAnswer: if connection.queuedBytes == 0 { return giveUpBody() }
        case .silent: return finish()
        case .midRequest:
            return refuse(
                status: 408, code: "request_timeout",
                message: "The request took longer to arrive than this server waits.")
        }
        let queued = connection.queuedBytes
        if queued == 0 || queued != progress.queued {
            progress = (queued, now)
        } else if now >= progress.since + UInt64(clamping: owner.state.configuration.writeTimeout.milliseconds) {
            abort()
        }
    }

    private func path(of head: RequestHead) -> String { String(head.pathAndQuery.prefix { $0 != "?" }) }

    private static let tookTooLong = Response.error(
        HTTPError(503, "handler_timeout", "The server took too long to answer. Look again whether it was done."))

    private static let stopping = Response.error(
        HTTPError(503, "stopping", "The server is stopping. Try again in a moment.", headers: ["retry-after": "1"]))
}

private enum BodyFault: Error { case lengthMismatch, concurrentWrites }
