import Core
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
    let refused: Counter
    let timedOut: Counter
    private let connections = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    init(configuration: HTTPServerConfiguration, router: Router, time: TimeSource, log: Log, metrics: Metrics) {
        self.configuration = configuration
        self.router = router
        self.time = time
        self.log = log
        openConnections = metrics.gauge("http_connections", help: "Open connections that serve requests.")
        openStreams = metrics.gauge("http_event_streams", help: "Open event streams.")
        openSockets = metrics.gauge("http_websockets", help: "Open WebSockets.")
        refused = metrics.counter("http_connections_refused_total", help: "Connections answered 503 for want of room.")
        timedOut = metrics.counter(
            "http_requests_timed_out_total", help: "Requests given up because their handler took too long.")
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func beginDraining() { draining.store(true, ordering: .relaxed) }

    /// Counts a connection in; false when there are too many already.
    func admit() -> Bool {
        guard connections.add(1, ordering: .relaxed).newValue <= configuration.maximumConnections else {
            connections.subtract(1, ordering: .relaxed)
            refused.increment()
            return false
        }
        return true
    }

    func release() { connections.subtract(1, ordering: .relaxed) }
    var connectionCount: Int { connections.load(ordering: .relaxed) }
}
