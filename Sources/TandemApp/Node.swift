import API
import Core
import EventLoop
import Fanout
import Store
import Synchronization
import Web

/// One process, put together: what it runs, in the order in which it starts.
struct Node {
    let services: [any Service]
    let close: @Sendable () async -> Void

    static func assemble(_ configuration: Configuration, group: EventLoopGroup, log: Log) async throws -> Node {
        if configuration.isBench { return try await bench(configuration, group: group, log: log) }
        fatalError()
    }

    /// The way of delivery alone, with its events in memory.
    private static func bench(_ configuration: Configuration, group: EventLoopGroup, log: Log) async throws -> Node {
        let metrics = Metrics()
        let receiver = EventReceiver()
        let eventLog = MemoryEventLog(capacity: 65_536) { receiver.receive($0) }
        let hub = try await Hub(group: group, eventLog: eventLog, policy: OpenPolicy(), log: log, metrics: metrics)
        receiver.connect(hub)
        let router = Router(log: log)
        BenchRoutes(eventLog: eventLog, hub: hub).register(on: router)
        let server = HTTPServer(configuration: .init(configuration.http), router: router, group: group, log: log, metrics: metrics)
        let port = try await server.start()
        log.info("measuring: publishing needs no signature", ["port": "\(port)"])
        return Node(services: [hub, server], close: {})
    }
}

/// The log in memory is made before the hub that hears of its events.
private final class EventReceiver: Sendable {
    private let hub = Mutex<Hub?>(nil)

    func connect(_ hub: Hub) { self.hub.withLock { $0 = hub } }
    func receive(_ events: [Event]) { hub.withLock { $0 }?.receive(events) }
}

extension HTTPServerConfiguration {
    init(_ http: Configuration.HTTP) {
        self.init()
        host = http.host
        port = http.port
        drainTimeout = http.drain
        trustedProxies = TrustedProxies(http.trustedProxies.compactMap { IPNetwork($0) })
    }
}
