import API
import Bus
import Core
import EventLoop
import Fanout
import Guilds
import Store
import Synchronization
import Testing
import TestSupport
import Web
import Wire

/// The site behind a real server, with relay, bus and hub at work.
final class LiveSite: Sendable {
    let site: Site
    let group: EventLoopGroup
    let port: Int

    /// Runs everything for as long as `body` does.
    static func run(_ body: @escaping @Sendable (LiveSite) async throws -> Void) async throws {
        let site = try await Site()
        let group = EventLoopGroup(count: 2)
        let bus = LocalBus()
        let log = try await DatabaseEventLog(site.database)
        let relay = Relay(database: site.database, bus: bus)
        let hub = try await Hub(
            group: group, eventLog: log, policy: CommunityTopics(policy: site.policy, sessions: site.sessions),
            log: .none, metrics: Metrics())
        let subscription = bus.subscribe { hub.receive($0) }
        let server = HTTPServer(router: site.router(with: hub), group: group)
        let live = LiveSite(site: site, group: group, port: try await server.start())
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await relay.run() }
                tasks.addTask { try await hub.run() }
                tasks.addTask { try await server.run() }
                try await body(live)
                tasks.cancelAll()
            }
        } catch is CancellationError {}
        subscription.cancel()
        await group.shutdown()
    }

    private init(site: Site, group: EventLoopGroup, port: Int) {
        self.site = site
        self.group = group
        self.port = port
    }

    /// Opens a stream and waits until it is ready, or refused.
    func stream(_ path: String, _ cookie: String, after cursor: String? = nil) async throws -> Exchange {
        let resume = cursor.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        let client = try await exchange("GET \(path) HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookie)\r\n\(resume)\r\n")
        try await client.wait("ready") { !$0.named("ready").isEmpty || $0.isClosed || ($0.status ?? 0) >= 400 }
        return client
    }

    /// Sends bytes and reads what comes.
    func exchange(_ request: String) async throws -> Exchange {
        let client = Exchange()
        let loop = group.next()
        let connected = try await Connector.connect(host: "127.0.0.1", port: port, loop: loop)
        try await connected.withValue { connection in
            connection.handler = Reader(client)
            _ = connection.write(Array(request.utf8))
        }
        return client
    }
}

/// What a client has received over one connection.
final class Exchange: Sendable {
    fileprivate struct State {
        var events: [SSEEvent] = []
        var status: Int?
        var text: [UInt8] = []
        var isClosed = false
    }

    fileprivate let state = Mutex(State())

    var status: Int? { state.withLock { $0.status } }
    var isClosed: Bool { state.withLock { $0.isClosed } }
    var text: String { state.withLock { String(decoding: $0.text, as: UTF8.self) } }
    var messages: [SSEEvent] { state.withLock { $0.events.filter { $0.event == "message" } } }
    var cursor: String { state.withLock { $0.events.last { !$0.id.isEmpty }?.id ?? "" } }
    func named(_ name: String) -> [SSEEvent] { state.withLock { $0.events.filter { $0.event == name } } }

    /// Returns once what was received satisfies the condition.
    func wait(_ what: String, until isTrue: (Exchange) -> Bool) async throws {
        try await eventually(what) { isTrue(self) }
    }
}

private final class Reader: ConnectionHandler {
    private let exchange: Exchange
    private var parser: ResponseParser
    private var stream = SSEParser()
    private var isStream = false

    init(_ exchange: Exchange) {
        self.exchange = exchange
        var limits = HTTPLimits()
        limits.body = .max
        parser = ResponseParser(limits: limits)
        parser.requestSent(method: "GET")
    }

    func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        unsafe parser.append(bytes)
        do {
            while let part = try parser.next() {
                switch part {
                case .head(let head):
                    isStream = head.headers["content-type"] == "text/event-stream"
                    exchange.state.withLock { $0.status = head.status }
                case .body(let body): try take(body)
                default: break
                }
            }
        } catch {
            Issue.record(error)
            connection.abort()
        }
    }

    private func take(_ body: [UInt8]) throws {
        guard isStream else { return exchange.state.withLock { $0.text += body } }
        stream.append(body)
        while let part = try stream.next() {
            if case .event(let event) = part { exchange.state.withLock { $0.events.append(event) } }
        }
    }

    func closed(on connection: Connection, error: (any CodedError)?) { exchange.state.withLock { $0.isClosed = true } }
}
