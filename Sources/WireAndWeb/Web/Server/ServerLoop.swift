import Core
import EventLoop
import FoundationEssentials
import Wire

/// A server's connections on one loop.
final class ServerLoop {
    let state: ServerState
    let loop: EventLoop
    private var connections = Roster<HTTPConnection>()
    private var streams = Roster<EventStream>()
    private var sockets = Roster<WebSocket>()
    private var sweep: LoopTimer?
    /// Memory for responses, used again and again while the system takes them at once.
    private var buffer: [UInt8] = []
    /// What the last WebSocket was opened with: most are opened alike.
    var lastTerms: WebSocketTerms?
    private var date = (second: Int64.min, text: "")
    /// When it's worth looking for idle connections again, after there were none.
    private var nextSearch = Duration.zero

    init(state: ServerState, loop: EventLoop) {
        self.state = state
        self.loop = loop
    }

    func accept(_ connection: Connection) {
        let address = connection.remoteAddress.host
        if state.isFull, !makeRoom() { state.makeRoom(exceptOn: loop) }
        switch state.admit(from: address) {
        case .admitted(let client): add(HTTPConnection(connection, owner: self, client: client))
        case .refused(let reason):
            state.refusals.add(reason, from: address)
            guard state.mayLingerRefused else { return connection.abort() }
            connection.write(reason == .address ? Self.tooManyOfAddress : Self.overloaded)
            LingeringClose.begin(connection, at: state)
        }
    }

    /// Closes the connections that have waited longest for a request: one of 64 at once, so that many newcomers cost one search.
    ///
    /// - Returns: whether there was one, or this was looked into a moment ago.
    func makeRoom() -> Bool {
        guard loop.now >= nextSearch else { return true }
        let idle = connections.members.compactMap { connection in
            connection.idleSince.map { (since: $0, connection: connection) }
        }
        guard !idle.isEmpty else {
            nextSearch = loop.now + .milliseconds(100)
            return false
        }
        for (_, connection) in idle.sorted(by: { $0.since < $1.since }).prefix(1 + idle.count / 64) {
            state.evicted.increment()
            connection.evict()
        }
        return true
    }

    // MARK: Connections and streams

    private func add(_ connection: HTTPConnection) {
        connections.insert(connection)
        state.openConnections.add(1)
        connection.begin()
        if sweep == nil {
            sweep = loop.schedule(after: sweepInterval, repeating: sweepInterval) { [weak self] in self?.sweepOnce() }
        }
    }

    private func forget(_ connection: HTTPConnection) {
        connection.releaseBody()
        connections.remove(connection)
        state.openConnections.add(-1)
    }

    func remove(_ connection: HTTPConnection) {
        forget(connection)
        state.release(connection.client)
    }

    /// `connection` has become a stream.
    func becameStream(_ connection: HTTPConnection, _ stream: EventStream) {
        forget(connection)
        streams.insert(stream)
        state.openStreams.add(1)
    }

    func remove(_ stream: EventStream) {
        streams.remove(stream)
        state.openStreams.add(-1)
        state.release(stream.client)
    }

    func becameSocket(_ connection: HTTPConnection, _ socket: WebSocket) {
        forget(connection)
        sockets.insert(socket)
        state.openSockets.add(1)
    }

    func remove(_ socket: WebSocket) {
        sockets.remove(socket)
        state.openSockets.add(-1)
        state.release(socket.client)
    }

    // MARK: Memory for responses

    /// Returns an empty array, with memory where there is some. Give it back.
    func takeBuffer() -> [UInt8] { exchange(&buffer, with: []) }

    func giveBack(_ bytes: consuming [UInt8]) {
        guard bytes.capacity <= Self.longestBuffer else { return }
        buffer = bytes
        buffer.removeAll(keepingCapacity: true)
    }

    private static let longestBuffer = 128 * 1024

    // MARK: Stopping

    /// Closes what waits for nothing; requests in flight get `Connection: close` with their answers.
    func closeIdle() {
        for connection in connections.members { connection.closeIfIdle() }
    }

    /// Ends streams and WebSockets in good order.
    func closeStreams() {
        for stream in streams.members { stream.close() }
        for socket in sockets.members { socket.close(code: .goingAway, reason: "The server is stopping.") }
    }

    func abortAll() {
        for stream in streams.members { stream.abort() }
        for socket in sockets.members { socket.abort() }
        for connection in connections.members { connection.abort() }
        sweep?.cancel()
        sweep = nil
    }

    // MARK: Time

    /// The `Date` field's value, formatted once a second.
    var dateHeader: String {
        let second = Int64(state.time.date.timeIntervalSince1970)
        if second != date.second { date = (second, HTTPDate.format(seconds: second)) }
        return date.text
    }

    private var sweepInterval: Duration {
        let configuration = state.configuration
        let shortest = min(
            configuration.idleTimeout, configuration.headTimeout, configuration.bodyTimeout,
            configuration.handlerTimeout, configuration.writeTimeout)
        return max(.milliseconds(10), min(.seconds(1), shortest / 4))
    }

    private func sweepOnce() {
        guard connections.count > 0 else {
            sweep?.cancel()
            sweep = nil
            return
        }
        for connection in connections.members { connection.checkTime() }
    }

    private static let overloaded = refusal(
        HTTPError(
            503, "overloaded", "The server has too many connections. Try again in a moment.",
            headers: ["retry-after": "5"]))

    private static let tooManyOfAddress = refusal(.tooManyConnections)

    private static func refusal(_ error: HTTPError) -> [UInt8] {
        let response = Response.error(error)
        var headers = response.headers
        headers["connection"] = "close"
        return ResponseSerializer.response(ResponseHead(status: error.status, headers: headers), body: response.bytes)
    }
}

extension HTTPError {
    static let tooManyConnections = HTTPError(
        429, "too_many_connections",
        "Your network address has too many connections to this server. Close some, then try again.",
        headers: ["retry-after": "5"])
}
