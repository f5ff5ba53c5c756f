import Core
import EventLoop
import Synchronization
import Testing
import Wire

/// A client of an event stream over a real socket.
final class StreamClient: Sendable {
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    struct State {
        var events: [SSEEvent] = []
        var retries = 0
        var head: ResponseHead?
        var isClosed = false
    }

    let state = Mutex(State())
    private let connection: Mutex<LoopBound<Connection>?> = Mutex(nil)

    private init() {}

    /// - Parameter reads: a client that doesn't read lets its socket fill.
    static func open(
        _ group: EventLoopGroup, port: Int, _ path: String, cursor: String? = nil, reads: Bool = true
    ) async throws -> StreamClient {
        let client = StreamClient()
        let loop = group.next()
        let cursorLine = cursor.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        let request = Array("GET \(path) HTTP/1.1\r\nHost: test\r\n\(cursorLine)\r\n".utf8)
        let connected = try await Connector.connect(host: "127.0.0.1", port: port, loop: loop)
        let bound = try await connected.withValue { connection in
            connection.handler = Reader(client)
            if !reads { connection.pauseReading() }
            _ = connection.write(request)
            return LoopBound(connection, loop: loop)
        }
        client.connection.withLock { $0 = bound }
        return client
    }

    /// What arrived without a name: events proper.
    var messages: [SSEEvent] { state.withLock { $0.events.filter { $0.event == "message" } } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func named(_ name: String) -> [SSEEvent] { state.withLock { $0.events.filter { $0.event == name } } }

    /// The cursor with which a browser would come back.
    var cursor: String { state.withLock { $0.events.last { !$0.id.isEmpty }?.id ?? "" } }

    func startReading() async throws {
        try await connection.withLock { $0 }?.withValue { $0.resumeReading() }
    }

    func close() async throws {
        try await connection.withLock { $0 }?.withValue { $0.abort() }
    }

    func wait(_ what: String, within limit: Duration = .seconds(10), until isTrue: (StreamClient) -> Bool) async throws
    {
        try await eventually(what, within: limit) { isTrue(self) }
    }

    private final class Reader: ConnectionHandler {
        private let client: StreamClient
        private var parser = ResponseParser(limits: Reader.unlimited)
        private var stream = SSEParser()
        private static var unlimited: HTTPLimits {
            var limits = HTTPLimits()
            limits.body = .max
            return limits
        }

        init(_ client: StreamClient) {
            self.client = client
            parser.requestSent(method: "GET")
        }

        func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
            unsafe parser.append(bytes)
            do {
                while let part = try parser.next() {
                    switch part {
                    case .head(let head): client.state.withLock { $0.head = head }
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
            stream.append(body)
            while let part = try stream.next() {
                switch part {
                case .event(let event): client.state.withLock { $0.events.append(event) }
                case .retry: client.state.withLock { $0.retries += 1 }
                case .comment: break
                }
            }
        }

        func closed(on connection: Connection, error: (any CodedError)?) {
            client.state.withLock { $0.isClosed = true }
        }
    }
}

/// Waits for a condition, with a deadline instead of a guess.
func eventually(_ what: String, within limit: Duration = .seconds(10), _ isTrue: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while try await !isTrue() {
        guard clock.now < end else { throw StreamClient.TimedOut(description: "waited \(limit) for: \(what)") }
        try await clock.sleep(for: .milliseconds(5))
    }
}
