import Core
import EventLoop
import Fanout
import Store
import Synchronization
import Testing
import Web
import WebTestSupport
import Wire

/// A hub behind a real server: `/follow/:principal/:session` follows every `room/` topic the principal may see,
/// `/topics/:principal?topic=…` asks for certain ones.
final class HubRig: Sendable {
    let group: EventLoopGroup
    let eventLog: MemoryEventLog
    /// The same as the hub sees it.
    let log: WatchedLog
    let policy = TestPolicy()
    let hub: Hub
    let metrics = Metrics()
    let port: Int
    /// The stream of the client that asked for `/snapshots`.
    let snapshots = LatestSnapshots()
    private let server: HTTPServer

    /// - Parameter holdsBack: the log's events don't reach the hub by themselves; the test hands them over.
    static func run(
        configuration: HubConfiguration = HubConfiguration(), capacity: Int = 100_000, loops: Int = 2,
        holdsBack: Bool = false, log: Log = .none,
        _ body: @escaping @Sendable (HubRig) async throws -> Void
    ) async throws {
        let rig = try await HubRig(configuration, capacity: capacity, loops: loops, holdsBack: holdsBack, told: log)
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await rig.hub.run() }
                tasks.addTask { try await rig.server.run() }
                try await body(rig)
                tasks.cancelAll()
            }
        } catch is CancellationError {}
        await rig.group.shutdown()
    }

    private init(
        _ configuration: HubConfiguration, capacity: Int, loops: Int, holdsBack: Bool, told: Log
    ) async throws {
        group = EventLoopGroup(count: loops)
        let delivery = Delivery()
        eventLog = MemoryEventLog(capacity: capacity) { events in
            if !holdsBack { delivery.hub?.receive(events) }
        }
        log = WatchedLog(eventLog)
        hub = try await Hub(
            group: group, eventLog: log, policy: policy, configuration: configuration, log: told, metrics: metrics
        )
        delivery.connect(hub)
        let (hub, snapshots) = (hub, snapshots)
        let open: @Sendable (Request, Principal, Interest) async throws -> Response = { request, principal, interest in
            let cursor = try request.headers["last-event-id"] ?? request.query["cursor"]
            return hub.open(try await hub.admit(principal, to: interest, resumingAt: cursor), for: request)
        }
        let router = Router { routes in
            routes.get("/follow/:principal/:session") { request in
                let principal = Principal(
                    id: request.parameters["principal"] ?? "", session: request.parameters["session"])
                return try await open(request, principal, .following(["room/"]))
            }
            routes.get("/topics/:principal") { request in
                let principal = Principal(id: request.parameters["principal"] ?? "")
                return try await open(request, principal, .topics(try request.query.all("topic")))
            }
            routes.get("/snapshots") { _ in .eventStream { snapshots.begin($0) } }
        }
        server = HTTPServer(router: router, group: group)
        port = try await server.start()
    }

    /// Appends an event whose payload is its own number in this topic.
    @discardableResult
    func publish(_ topic: String, _ text: String = "x", kind: String = "note.added") throws -> Int64 {
        try eventLog.append(EventDraft(topic: topic, kind: kind, payload: #"{"text":"\#(text)"}"#))
    }

    @discardableResult
    func change(_ kind: String, _ principal: String, topic: String? = nil, session: String? = nil) throws -> Int64 {
        let rest = topic.map { #","topic":"\#($0)""# } ?? session.map { #","session":"\#($0)""# } ?? ""
        return try eventLog.append(
            EventDraft(topic: "user/\(principal)", kind: kind, payload: #"{"principal":"\#(principal)"\#(rest)}"#))
    }

    func follow(_ principal: String, session: String = "s", cursor: String? = nil, reads: Bool = true) async throws
        -> StreamClient
    {
        let client = try await StreamClient.open(
            group, port: port, "/follow/\(principal)/\(session)", cursor: cursor, reads: reads)
        if reads { try await client.waitUntilReady() }
        return client
    }

    func subscribe(_ principal: String, _ topics: String..., cursor: String? = nil) async throws -> StreamClient {
        let query = topics.map { "topic=\($0)" }.joined(separator: "&")
        let client = try await StreamClient.open(group, port: port, "/topics/\(principal)?\(query)", cursor: cursor)
        try await client.waitUntilReady()
        return client
    }

    /// The same as `follow`, over a WebSocket.
    func socket(_ principal: String, session: String = "s", cursor: String = "") async throws -> SocketClient {
        let client = try await SocketClient.open(
            group, port: port, "/follow/\(principal)/\(session)?cursor=\(cursor)")
        try await client.wait("ready") { !$0.named("ready").isEmpty }
        return client
    }

    func cursor(_ number: Int64) -> String { "\(hub.epoch)-\(number)" }
}

/// The last stream of snapshots that was opened, while it is open.
final class LatestSnapshots: Sendable {
    private let opened = Mutex<LoopBound<ConflatingStream>?>(nil)

    var stream: LoopBound<ConflatingStream>? { opened.withLock { $0 } }

    func begin(_ stream: EventStream) {
        guard let loop = stream.loop else { return }
        let snapshots = ConflatingStream(stream) { self.opened.withLock { $0 = nil } }
        opened.withLock { $0 = LoopBound(snapshots, loop: loop) }
    }
}

/// The log is made before the hub that it delivers to.
private final class Delivery: Sendable {
    private let target = Mutex<Hub?>(nil)
    var hub: Hub? { target.withLock { $0 } }
    func connect(_ hub: Hub) { target.withLock { $0 = hub } }
}
