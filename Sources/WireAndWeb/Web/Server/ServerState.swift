import Core
import EventLoop
import Synchronization

/// What the loops of one server share.
final class ServerState: Sendable {
    let configuration: HTTPServerConfiguration
    let router: Router
    let time: TimeSource
    let log: Log
    let openConnections: Gauge
    let openStreams: Gauge
    let openSockets: Gauge
    let refusals: Refusals
    let evicted: Counter
    let clients: Clients
    let bodies: BodyBudget
    let timedOut: Counter
    private let connections = Atomic<Int>(0)
    /// Those whose last answer is on its way.
    private let lingering = Atomic<Int>(0)
    private let loops = Mutex<[LoopBound<ServerLoop>]>([])
    private let draining = Atomic<Bool>(false)

    init(configuration: HTTPServerConfiguration, router: Router, time: TimeSource, log: Log, metrics: Metrics) {
        self.configuration = configuration
        self.router = router
        self.time = time
        self.log = log
        openConnections = metrics.gauge("http_connections", help: "Open connections that serve requests.")
        openStreams = metrics.gauge("http_event_streams", help: "Open event streams.")
        openSockets = metrics.gauge("http_websockets", help: "Open WebSockets.")
        refusals = Refusals(metrics: metrics, time: time, log: log)
        evicted = metrics.counter(
            "http_connections_evicted_total", help: "Idle connections closed to make room for others.")
        clients = Clients(limit: configuration.connectionsPerAddress)
        bodies = BodyBudget(limit: configuration.bodyBudget, metrics: metrics)
        timedOut = metrics.counter(
            "http_requests_timed_out_total", help: "Requests given up because their handler took too long.")
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func beginDraining() { draining.store(true, ordering: .relaxed) }

    // MARK: Room

    var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// Whether there are as many connections as the server keeps, those that linger included.
    var isFull: Bool {
        connectionCount + lingering.load(ordering: .relaxed) >= configuration.maximumConnections
    }

    /// What becomes of a connection that has been accepted.
    enum Admission {
        /// Its client is nil if it isn't counted.
        case admitted(Clients.Client?)
        case refused(Refusals.Reason)
    }

    /// Counts a connection in if there is room for it. Of a trusted proxy's connections only the clients whose streams they carry
    /// are counted, by `enterStream`.
    func admit(from address: String) -> Admission {
        guard !isFull else { return .refused(.noRoom) }
        var client: Clients.Client?
        if clients.areCounted, !configuration.trustedProxies.isTrusted(address) {
            client = clients.enter(from: address)
            if client == nil { return .refused(.address) }
        }
        connections.add(1, ordering: .relaxed)
        return .admitted(client)
    }

    /// A connection that was admitted is no longer served.
    func release(_ client: Clients.Client?) {
        connections.subtract(1, ordering: .relaxed)
        if let client { clients.leave(client) }
    }

    func beginLingering(_ client: Clients.Client?) {
        lingering.add(1, ordering: .relaxed)
        if let client { clients.stay(client) }
    }

    func endLingering(_ client: Clients.Client?) {
        lingering.subtract(1, ordering: .relaxed)
        if let client { clients.leave(client) }
    }

    /// Whether one more connection may linger although it was refused, so that its client reads why.
    var mayLingerRefused: Bool {
        connectionCount + lingering.load(ordering: .relaxed)
            < configuration.maximumConnections + Self.lingeringRefused
    }

    /// Out of what is reserved for other things than connections.
    private static let lingeringRefused = 16

    /// The system gave no descriptor for a connection, or TLS failed on it.
    func couldNotAccept(_ error: any CodedError) {
        guard error.code == "too_many_files" else { return }
        refusals.add(.noRoom, from: "")
        makeRoom()
    }

    // MARK: Loops

    /// Where `makeRoom` looks.
    func serve(on loops: [LoopBound<ServerLoop>]) { self.loops.withLock { $0 = loops } }

    /// The other loops close idle connections, soon.
    func makeRoom(exceptOn asking: EventLoop? = nil) {
        for loop in loops.withLock({ $0 }) where loop.loop !== asking {
            loop.loop.execute { _ = loop.value.makeRoom() }
        }
    }
}
