import Core
import EventLoop
import Wire

/// One connection while it serves requests, one after the other: carries out what its `ConnectionState` decides, and runs the
/// handlers.
final class HTTPConnection: ConnectionHandler, RosterMember {
    let owner: ServerLoop
    let connection: Connection
    /// Whose connection it is, if that is counted.
    let client: Clients.Client?
    var state: ConnectionState
    /// Runs the handler, and what produces a body. Exists while the state is busy.
    var task: Task<Void, Never>?
    /// The producer of a body, while it waits for the client to take what was written.
    var producer: CheckedContinuation<Void, any Error>?
    var slot: Int32 = -1
    /// Whether `advance` is at work further up the stack, which then goes on with what comes next.
    private(set) var isAdvancing = false
    /// What the request's body takes of the server's budget.
    private var bodyShare: Int32 = 0
    /// Responses that wait for others to leave with; empty outside `advance`.
    var corked: [UInt8] = []

    init(_ connection: Connection, owner: ServerLoop, client: Clients.Client?) {
        self.owner = owner
        self.connection = connection
        self.client = client
        state = ConnectionState(limits: owner.state.configuration.requestLimits, now: owner.loop.now)
    }

    func begin() { connection.handler = self }

    // MARK: The connection

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        unsafe state.received(bytes)
        advance()
    }

    func receivedEnd(on connection: Connection) {
        state.receivedEnd()
        guard state.isBusy else { return advance() }
        // Most likely the client has gone; one that only ended its side still gets the response, if there is one.
        task?.cancel()
    }

    func writable(on connection: Connection) {
        guard let producer else { return advance() }
        self.producer = nil
        state.becameWritable(now: owner.loop.now)
        producer.resume()
    }

    func closed(on connection: Connection, error: (any CodedError)?) { leave() }

    // MARK: Requests

    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while !state.isOver {
            switch state.next(queuedBytes: connection.queuedBytes, now: owner.loop.now) {
            case .wait:
                uncork()
                if holdsBody() { return updateReading() }
            case .admitBody(let head): admitBody(of: head)
            case .sendContinue: write([ResponseSerializer.continue])
            case .handle(let head, let body): if holds(body.count, of: head) { handle(head, body) }
            case .refuse(let error, let head):
                let refusal = HTTPError(error.status, error.code, error.message)
                if let head {
                    refuse(head, refusal)
                } else {
                    owner.state.log.info(
                        "refused a malformed request", ["client": connection.remoteAddress.host, "code": error.code])
                    respondLast(.error(refusal))
                }
            case .close: finish()
            }
        }
    }

    /// Sends `pieces` after what is corked.
    func write(_ pieces: [[UInt8]]) {
        uncork()
        connection.write(pieces)
    }

    private func uncork() {
        if !corked.isEmpty { connection.write(exchange(&corked, with: [])) }
    }

    private func updateReading() {
        let limit = owner.state.configuration.readAhead
        switch state.changeReading(limit: limit, queuedBytes: connection.queuedBytes) {
        case true?: connection.pauseReading()
        case false?: connection.resumeReading()
        case nil: break
        }
    }

    private func request(_ head: RequestHead, _ body: [UInt8] = []) -> Request {
        let configuration = owner.state.configuration
        var request = Request(
            head: head, body: body, remoteAddress: connection.remoteAddress.host,
            scheme: configuration.tls == nil ? "http" : "https")
        configuration.trustedProxies.apply(to: &request)
        return request
    }

    private func handle(_ head: RequestHead, _ body: [UInt8]) {
        let request = request(head, body)
        let bound = LoopBound(self, loop: owner.loop)
        let router = owner.state.router
        if let response = router.respondAtOnce(to: request) { return respond(atOnce: response) }
        let handling = owner.loop.taskExecutor.start { [request] in
            let response = await router.respond(to: request)
            await bound.value.respond(response)
        }
        // Most handlers answer from memory and are done already.
        if state.isBusy { task = handling }
    }

    /// Responds in the place of a handler, to a request that won't be read to its end.
    private func refuse(_ head: RequestHead, _ error: HTTPError) {
        respondLast(owner.state.router.refuse(request(head), error))
    }

    // MARK: Bodies

    /// Reads the body if there is a handler that takes it. Otherwise the request is answered as it is.
    private func admitBody(of head: RequestHead) {
        if let limit = owner.state.router.bodyLimit(for: head) {
            state.takeBody(upTo: min(limit, owner.state.configuration.requestLimits.body))
        } else if let head = state.refuseBody(now: owner.loop.now) {
            handle(head, [])
        }
    }

    /// Accounts for what has been read of a body. False when there is no room for it, which the client has then been told.
    private func holdsBody() -> Bool {
        // A handler has it.
        if state.isBusy { return true }
        if let head = state.headRead { return holds(state.bodyBytes, of: head) }
        releaseBody()
        return true
    }

    private func holds(_ bytes: Int, of head: RequestHead) -> Bool {
        if owner.state.bodies.change(&bodyShare, to: bytes) { return true }
        refuse(
            head,
            HTTPError(
                503, "overloaded", "The server holds as many uploads as it can. Try again in a moment.",
                headers: ["retry-after": "5"]))
        return false
    }

    /// The request is over, and its body gone.
    func releaseBody() { _ = owner.state.bodies.change(&bodyShare, to: 0) }

    // MARK: Time

    /// Gives up what takes too long.
    func checkTime() {
        let configuration = owner.state.configuration
        switch state.overdue(configuration, queuedBytes: connection.queuedBytes, now: owner.loop.now) {
        case .nothing: break
        case .silence: finish()
        case .request:
            respondLast(
                .error(
                    HTTPError(
                        408, "request_timeout", "The request took longer to arrive than this server waits.")))
        case .handler: giveUpHandler()
        case .body:
            logTimeout("a body took too long", RequestIdentifier.choose(from: state.request?.headers ?? [:]))
            // The client can only learn from the connection's end that the body isn't whole.
            abort()
        case .client: abort()
        }
    }

    /// Responds in the place of a handler that took too long; it's cancelled, and what it still does is discarded.
    private func giveUpHandler() {
        let id = RequestIdentifier.choose(from: state.request?.headers ?? [:])
        logTimeout("a handler took too long", id)
        let response = Response.error(
            HTTPError(503, "handler_timeout", "The server took too long to answer. Look again whether it was done."))
        respondLast(response.setting(RequestIdentifier.header, id))
    }

    private func logTimeout(_ what: String, _ id: String) {
        owner.state.timedOut.increment()
        owner.state.log.error(
            what,
            [
                "request": id, "method": state.request?.method ?? "", "path": path,
                "client": connection.remoteAddress.host,
            ])
    }

    /// The current request's path, without the query, which may hold secrets.
    var path: String { String(state.request?.pathAndQuery.prefix { $0 != "?" } ?? "") }

    // MARK: The end

    func closeIfIdle() {
        if state.isIdle, connection.queuedBytes == 0 { finish() }
    }

    /// Ends the connection in good order; everything written has left.
    func finish() {
        uncork()
        guard leave() else { return }
        if state.clientHasEnded {
            connection.close()
        } else {
            LingeringClose.begin(connection, at: owner.state, of: client)
        }
    }

    /// Since when the connection waits for a request; nil while it doesn't.
    var idleSince: Duration? { connection.queuedBytes == 0 ? state.idleSince : nil }

    /// Closes an idle connection at once, because others need its place.
    func evict() {
        if leave() { connection.close() }
    }

    func abort() {
        if leave() { connection.abort() }
    }

    /// Releases everything; the handler in flight is cancelled. False when that has been done before.
    @discardableResult
    private func leave() -> Bool {
        guard state.close() else { return false }
        connection.handler = nil
        owner.remove(self)
        task?.cancel()
        task = nil
        let producer = producer
        self.producer = nil
        producer?.resume(throwing: CancellationError())
        return true
    }
}
