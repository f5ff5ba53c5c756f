import API
import Core
import EventLoop
import Fanout
import Store
import Synchronization
import Web

extension Node {
    /// Delivery alone, with its events in memory: what the benchmarks measure.
    static func bench(_ configuration: Configuration, group: EventLoopGroup, log: Log) async throws -> Node {
        let metrics = Metrics.ofProcess()
        let receiver = EventReceiver()
        let eventLog = MemoryEventLog(capacity: 65_536) { receiver.receive($0) }
        let hub = try await Hub(group: group, eventLog: eventLog, policy: OpenPolicy(), log: log, metrics: metrics)
        receiver.connect(hub)
        let router = Router(log: log) { router in
            Probes(metrics: metrics).mount(on: &router)
            BenchRoutes(eventLog: eventLog, hub: hub).register(on: &router)
        }
        var http = HTTPServerConfiguration(configuration.http)
        http.connectionsPerAddress = 0
        let server = HTTPServer(
            configuration: http, router: router, group: group, log: log,
            metrics: metrics)
        try await server.start()
        return Node(services: [hub, server], close: {})
    }
}

/// Passes events to the hub, which is made after the log in memory that it reads.
private final class EventReceiver: Sendable {
    private let hub = Mutex<Hub?>(nil)

    func connect(_ hub: Hub) { self.hub.withLock { $0 = hub } }
    func receive(_ events: [Event]) { hub.withLock { $0 }?.receive(events) }
}
