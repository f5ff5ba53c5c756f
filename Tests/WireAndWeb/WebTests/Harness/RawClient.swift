import Core
import EventLoop
import Synchronization
import Testing
import TestSupport
import Web
import Wire

struct RawResponse: Sendable {
    let head: ResponseHead
    let body: [UInt8]

    var status: Int { head.status }
    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? { head.headers[name] }
}

/// A connection of a client that sends what it is told, byte for byte.
final class RawClient: Sendable {
    struct Ended: Error, CustomStringConvertible {
        let received: String
        var description: String { "the connection ended after: \(received)" }
    }

    private struct State: Sendable {
        var bytes: [UInt8] = []
        var hasEnded = false
    }

    /// Collects on the loop what arrives.
    private final class Collector: ConnectionHandler {
        let state: Box<State>
        init(_ state: Box<State>) { self.state = state }

        func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
            let copy = unsafe [UInt8](bytes)
            state.change { $0.bytes += copy }
        }
        func receivedEnd(on connection: Connection) { state.change { $0.hasEnded = true } }
        func closed(on connection: Connection, error: (any CodedError)?) { state.change { $0.hasEnded = true } }
    }

    private let connection: LoopBound<Connection>
    private let state: Box<State>

    private init(_ connection: LoopBound<Connection>, _ state: Box<State>) {
        self.connection = connection
        self.state = state
    }

    deinit { connection.loop.execute { [connection] in connection.value.abort() } }

    static func connect(port: Int, group: EventLoopGroup) async throws -> RawClient {
        let state = Box(State())
        let loop = group.next()
        let connection = try await Connector.connect(host: "127.0.0.1", port: port, loop: loop) { connection in
            connection.handler = Collector(state)
            connection.maximumQueuedBytes = 256 << 20
            return LoopBound(connection, loop: loop)
        }
        return RawClient(connection, state)
    }

    func send(_ text: String) async throws { try await send([UInt8](text.utf8)) }
    func send(_ bytes: [UInt8]) async throws { _ = try await connection.withValue { $0.write(bytes) } }
    func pauseReading() async throws { try await connection.withValue { $0.pauseReading() } }
    func resumeReading() async throws { try await connection.withValue { $0.resumeReading() } }
    func endSending() async throws { try await connection.withValue { $0.closeWrite() } }
    func abort() async throws { try await connection.withValue { $0.abort() } }

    var hasEnded: Bool { state.withValue { $0.hasEnded } }
    var received: [UInt8] { state.value.bytes }
    var receivedCount: Int { state.withValue { $0.bytes.count } }
    var text: String { String(decoding: received, as: UTF8.self) }

    func read(until ending: String) async throws {
        try await eventually("\(ending.debugDescription) arrives after \(text.suffix(500).debugDescription)") {
            if text.contains(ending) { return true }
            if hasEnded, !text.contains(ending) { throw Ended(received: text) }
            return false
        }
    }

    func readToEnd() async throws { try await eventually("the server ends the connection") { hasEnded } }

    /// The next whole answer; what is behind it stays.
    func response(to method: String = "GET") async throws -> RawResponse {
        var reading = Reading(method: method)
        try await eventually("a whole answer arrives") {
            let (bytes, hasEnded) = state.withValue { ([UInt8]($0.bytes[reading.taken...]), $0.hasEnded) }
            if try reading.take(bytes, hasEnded: hasEnded) { return true }
            if hasEnded { throw Ended(received: text) }
            return false
        }
        let used = reading.used
        state.change { $0.bytes.removeFirst(used) }
        return try #require(reading.response)
    }

    /// An answer on its way.
    private struct Reading {
        private var parser: ResponseParser
        private var head: ResponseHead?
        private var body: [UInt8] = []
        private(set) var taken = 0
        private(set) var used = 0
        private(set) var response: RawResponse?

        init(method: String) {
            var limits = HTTPLimits()
            limits.body = 1 << 30
            parser = ResponseParser(limits: limits)
            parser.requestSent(method: method)
        }

        /// Whether the answer is whole.
        mutating func take(_ bytes: [UInt8], hasEnded: Bool) throws -> Bool {
            parser.append(bytes)
            taken += bytes.count
            while let part = try parser.next() {
                switch part {
                case .informational: break
                case .head(let value): head = value
                case .body(let piece): body += piece
                case .end: return finish(behind: parser.takeRemaining().count)
                }
            }
            if hasEnded, (try? parser.receivedEnd()) == .end { return finish(behind: 0) }
            return false
        }

        private mutating func finish(behind rest: Int) -> Bool {
            used = taken - rest
            response = head.map { RawResponse(head: $0, body: body) }
            return true
        }
    }
}
