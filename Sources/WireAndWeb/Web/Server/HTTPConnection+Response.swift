import Core
import EventLoop
import Wire

/// Sending what handlers return.
extension HTTPConnection {
    /// A piece of a produced body waits while more than this is outstanding.
    private static let maximumOutstandingBytes = 256 * 1024

    /// Responses to pipelined requests leave together up to this many bytes.
    private static let maximumCorkedBytes = 64 * 1024

    private static let stopping = Response.error(
        HTTPError(503, "stopping", "The server is stopping. Try again in a moment.", headers: ["retry-after": "1"]))

    private var context: ConnectionState.ResponseContext {
        ConnectionState.ResponseContext(date: owner.dateHeader, isDraining: owner.state.isDraining)
    }

    /// Sends the response of the handler in flight.
    func respond(_ response: Response) async {
        // A handler that timed out already has its 503.
        guard state.awaitsResponse else { return }
        // A client that has only ended its side may still read, and sees by the end that there is no response.
        if response.isAbandoned { return finish() }
        let response = owner.state.isDraining && response.isLongLived ? Self.stopping : response
        switch response.body {
        case .none, .bytes: send(response)
        case .produced(let length, let produce): await send(response, length, produce)
        case .eventStream(let open): if becomeStream(response, open) { return }
        case .webSocket(let upgrade): if becomeSocket(response, upgrade) { return }
        }
        guard !state.isOver else { return }
        task = nil
        state.responded(now: owner.loop.now)
        advance()
    }

    /// Sends a direct handler's response; `advance` goes on afterwards.
    func respond(atOnce response: Response) {
        send(response)
        if !state.isOver { state.responded(now: owner.loop.now) }
    }

    /// Sends the connection's last response, in the place of a handler or to a request that isn't whole.
    func respondLast(_ response: Response) {
        let pieces = state.respondLast(response, context, now: owner.loop.now)
        task?.cancel()
        task = nil
        write(pieces)
        advance()
    }

    /// Sends a whole response, together with those that are due right after it: their requests have been read already.
    private func send(_ response: Response) {
        var out = corked.isEmpty ? owner.takeBuffer() : exchange(&corked, with: [])
        let body = state.respond(response, context, now: owner.loop.now, to: &out)
        if isAdvancing, body.isEmpty, state.hasReadAhead, out.count < Self.maximumCorkedBytes {
            corked = out
            return
        }
        if body.isEmpty { connection.write(out) } else { connection.write([out, body]) }
        owner.giveBack(out)
    }

    // MARK: Produced bodies

    private func send(
        _ response: Response, _ length: Int?, _ produce: @Sendable (BodyWriter) async throws -> Void
    ) async {
        let (head, hasBody) = state.respond(response, producing: length, context, now: owner.loop.now)
        write([head])
        guard hasBody else { return }
        let loop = owner.loop
        let bound = LoopBound(self, loop: loop)
        do {
            try await produce(
                BodyWriter { bytes in
                    try await withCheckedThrowingContinuation { continuation in
                        if loop.isCurrent { return bound.value.write(bytes, continuation) }
                        loop.execute { bound.value.write(bytes, continuation) }
                    }
                })
            let end = try state.endBody()
            if !end.isEmpty { connection.write(end) }
        } catch {
            // The client can only learn from the connection's end that the body isn't whole.
            if !state.isOver, !state.clientHasEnded {
                owner.state.log.error("a body broke off", ["path": path, "error": "\(error)"])
            }
            abort()
        }
    }

    private func write(_ piece: [UInt8], _ continuation: CheckedContinuation<Void, any Error>) {
        guard !state.isOver else { return continuation.resume(throwing: CancellationError()) }
        guard producer == nil else { return continuation.resume(throwing: BodyFault.concurrentWrites) }
        do throws(BodyFault) {
            let bytes = try state.write(piece, now: owner.loop.now)
            if !bytes.isEmpty { connection.write(bytes) }
        } catch {
            return continuation.resume(throwing: error)
        }
        if connection.queuedBytes > Self.maximumOutstandingBytes {
            producer = continuation
        } else {
            continuation.resume()
        }
    }

    // MARK: Streams

    /// Counts a stream for the client on whose behalf a trusted proxy asked for it. Nobody knows the clients of a proxy's other
    /// connections: they carry the requests of many.
    ///
    /// - Throws: `HTTPError` 429 `too_many_connections`.
    private func clientOfStream() throws(HTTPError) -> Clients.Client? {
        let server = owner.state
        guard client == nil, server.clients.areCounted, let request = state.request else { return client }
        let proxies = server.configuration.trustedProxies
        let address = proxies.client(of: connection.remoteAddress.host, request.headers)
        // A proxy that acts for itself, or doesn't say for whom.
        guard !proxies.isTrusted(address) else { return nil }
        if let client = server.clients.enter(from: address) { return client }
        server.refusals.add(.address, from: address)
        throw .tooManyConnections
    }

    /// False when the client may have no further stream; it then has its response.
    private func becomeStream(_ response: Response, _ open: (EventStream) -> Void) -> Bool {
        guard !state.clientHasEnded else {
            finish()
            return true
        }
        let client: Clients.Client?
        do throws(HTTPError) {
            client = try clientOfStream()
        } catch {
            send(.error(error))
            return false
        }
        write([state.respondUntilClose(response, context, now: owner.loop.now)])
        _ = state.handOver()
        task = nil
        let stream = EventStream(connection, owner: owner, client: client)
        owner.becameStream(self, stream)
        connection.handler = stream
        if state.isReadingPaused { connection.resumeReading() }
        open(stream)
        return true
    }

    /// False when the request doesn't ask for a WebSocket as it should; it then has its response.
    private func becomeSocket(_ response: Response, _ upgrade: WebSocketUpgrade) -> Bool {
        // The socket would not notice the client's end any more.
        guard !state.clientHasEnded, let request = state.request else {
            finish()
            return true
        }
        var client: Clients.Client?
        do throws(WebSocketHandshakeError) {
            let (accepted, agreement) = try WebSocketHandshake.accept(
                request, subprotocols: upgrade.subprotocols, deflate: upgrade.options.deflate ? WebSocketDeflate() : nil
            )
            do throws(HTTPError) {
                client = try clientOfStream()
            } catch {
                send(.error(error))
                return false
            }
            var head = accepted
            head.headers.append(contentsOf: response.headers)
            head.headers["date"] = owner.dateHeader
            write([ResponseSerializer.head(head, framing: .none)])
            let remaining = state.handOver()
            task = nil
            let terms = WebSocketTerms.server(
                upgrade.options, agreement.deflate, agreement.subprotocol, last: owner.lastTerms)
            owner.lastTerms = terms
            let socket = WebSocket(connection, terms, owner: owner, client: client)
            owner.becameSocket(self, socket)
            if state.isReadingPaused { connection.resumeReading() }
            upgrade.open(socket)
            socket.begin(with: remaining)
            return true
        } catch {
            send(.error(HTTPError(error.status, error.code, error.message, headers: error.headers)))
            return false
        }
    }
}
