import Core
package import EventLoop
import Synchronization
package import Testing
import TestSupport
package import Wire

/// A client of an event stream over a real socket: it keeps what it receives, and ends with its connection.
///
/// Its connection belongs to the group of loops that it was opened on; it does not come back by itself.
package final class StreamClient: Sendable {
    private struct State {
        var events: [SSEEvent] = []
        var head: ResponseHead?
        var text: [UInt8] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let connection = Mutex<LoopBound<Connection>?>(nil)

    private init() {}

    /// Asks for a stream.
    ///
    /// - Parameters:
    ///   - cursor: where to resume, for `Last-Event-ID`.
    ///   - reads: false lets the client's socket fill, until `startReading()`.
    /// - Throws: what connecting throws.
    package static func open(
        _ group: EventLoopGroup, port: Int, _ path: String, cookie: String? = nil, cursor: String? = nil,
        reads: Bool = true
    ) async throws -> StreamClient {
        let cookieLine = cookie.map { "Cookie: \($0)\r\n" } ?? ""
        let cursorLine = cursor.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        return try await send(
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(cookieLine)\(cursorLine)\r\n", group, port: port,
            reads: reads)
    }

    /// Sends a request, byte for byte, and reads what comes.
    ///
    /// - Throws: what connecting throws.
    package static func send(
        _ request: String, _ group: EventLoopGroup, port: Int, reads: Bool = true
    ) async throws -> StreamClient {
        let client = StreamClient()
        let loop = group.next()
        let bytes = Array(request.utf8)
        let connected = try await Connector.connect(host: "127.0.0.1", port: port, loop: loop)
        let bound = try await connected.withValue { connection in
            connection.handler = Reader(client)
            if !reads { connection.pauseReading() }
            _ = connection.write(bytes)
            return LoopBound(connection, loop: loop)
        }
        client.connection.withLock { $0 = bound }
        return client
    }

    package var status: Int? { state.withLock { $0.head?.status } }
    package func header(_ name: String) -> String? { state.withLock { $0.head?.headers[name] } }
    /// The body of an answer that is not a stream.
    package var text: String { state.withLock { String(decoding: $0.text, as: UTF8.self) } }
    package var isClosed: Bool { state.withLock { $0.isClosed } }
    /// The events without a name: those of the log.
    package var messages: [SSEEvent] { named("message") }
    package func named(_ name: String) -> [SSEEvent] { state.withLock { $0.events.filter { $0.event == name } } }

    /// The cursor with which a browser would resume; empty before the first.
    package var cursor: String { state.withLock { $0.events.last { !$0.id.isEmpty }?.id ?? "" } }

    package func startReading() async throws {
        try await connection.withLock { $0 }?.withValue { $0.resumeReading() }
    }

    package func close() async throws {
        try await connection.withLock { $0 }?.withValue { $0.abort() }
    }

    /// Returns once `isTrue` holds.
    ///
    /// - Throws: `DidNotHappen` after `limit`.
    package func wait(
        _ what: String, within limit: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
        until isTrue: (StreamClient) -> Bool
    ) async throws {
        try await eventually(what, within: limit, sourceLocation: sourceLocation) { isTrue(self) }
    }

    /// Returns once the stream has sent `ready`, or was refused.
    ///
    /// - Throws: `DidNotHappen` when neither comes.
    package func waitUntilReady(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await wait("the stream is ready", sourceLocation: sourceLocation) {
            !$0.named("ready").isEmpty || $0.isClosed || ($0.status ?? 0) >= 400
        }
    }

    private final class Reader: ConnectionHandler {
        private let client: StreamClient
        private var parser: ResponseParser
        private var stream = SSEParser()
        private var isStream = false

        init(_ client: StreamClient) {
            self.client = client
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
                        client.state.withLock { $0.head = head }
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
            guard isStream else { return client.state.withLock { $0.text += body } }
            stream.append(body)
            while let part = try stream.next() {
                if case .event(let event) = part { client.state.withLock { $0.events.append(event) } }
            }
        }

        func closed(on connection: Connection, error: (any CodedError)?) {
            client.state.withLock { $0.isClosed = true }
        }
    }
}
