/// Reads HTTP/1.1 and HTTP/1.0 responses from a connection's bytes (RFC 9112), as strictly as `RequestParser` reads requests.
///
/// Say `requestSent` for every request, since what a response holds depends on it; then feed `append` and call `next`
/// until it answers `nil`. After an error the parser stays failed: close the connection.
package struct ResponseParser: Sendable {
    /// A part of a response, in the order head, body, end.
    package enum Part: Sendable, Equatable {
        /// A head with a 1xx status, after which the real one follows.
        case informational(ResponseHead)
        case head(ResponseHead)
        /// A piece of the body, never empty.
        case body([UInt8])
        case end
    }

    private enum State: Sendable {
        case head(SectionScanner)
        case body(BodyDecoder)
        /// 101, or success of a CONNECT: `.end` comes next, the bytes after it are another protocol's.
        case switching
        case switched
        case failed(HTTPParseError)
        case handedOver
    }

    package var limits: HTTPLimits
    private var buffer = InputBuffer()
    private var state = Self.start
    private var methods: [String] = []

    private static let start = State.head(SectionScanner(hasStartLine: true))

    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Bytes that are held and not parsed yet.
    package var bufferedBytes: Int { buffer.count }

    /// Whether every request has its whole response, and nothing else came.
    package var isIdle: Bool {
        guard case .head = state else { return false }
        return buffer.isEmpty && methods.isEmpty
    }

    /// Call for each request, in the order in which they are sent.
    package mutating func requestSent(method: String) { methods.append(method) }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        unsafe buffer.append(bytes)
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(bytes)
    }

    /// Returns the next part, or `nil` when more bytes are needed.
    ///
    /// - Throws: `HTTPParseError` for a response that is malformed or too large, and on every call after it.
    package mutating func next() throws(HTTPParseError) -> Part? {
        do throws(HTTPParseError) {
            return try parse()
        } catch {
            throw fail(error)
        }
    }

    /// Call when the connection has ended and `next` has returned `nil`. Returns `.end` where that is how the body ends, and
    /// `nil` where no response was due.
    ///
    /// - Throws: `HTTPParseError` when a response is cut off.
    package mutating func receivedEnd() throws(HTTPParseError) -> Part? {
        switch state {
        case .body(let body) where body.endsWithConnection && buffer.isEmpty:
            state = .handedOver
            buffer.close()
            return .end
        case .switched, .handedOver: return nil
        case .failed(let error): throw error
        case .head where buffer.isEmpty && methods.isEmpty: return nil
        case .head, .body, .switching: throw fail(.truncated)
        }
    }

    /// Takes what came after the last part that `next` returned, for the protocol that an upgrade went over to. From
    /// then on the parser takes nothing any more.
    package mutating func takeRemaining() -> [UInt8] {
        state = .handedOver
        return buffer.takeRemaining()
    }

    private mutating func fail(_ error: HTTPParseError) -> HTTPParseError {
        state = .failed(error.inResponse)
        buffer.close()
        methods = []
        return error.inResponse
    }

    private mutating func parse() throws(HTTPParseError) -> Part? {
        switch state {
        case .head(var scanner):
            guard !buffer.isEmpty else { return nil }
            guard let method = methods.first else { throw .unexpectedResponse }
            let end = try scanner.end(in: buffer, limits: limits)
            state = .head(scanner)
            guard let end else { return nil }
            let head = try ResponseHead.parse(buffer, length: end)
            buffer.consume(end)
            state = Self.start
            if head.status < 200, head.status != 101 { return .informational(head) }
            methods.removeFirst()
            if methods.isEmpty { methods = [] }
            state = try Self.state(after: head, to: method)
            return .head(head)
        case .body(var body):
            let part = try body.next(from: &buffer, limits: limits)
            state = .body(body)
            switch part {
            case .bytes(let bytes): return .body(bytes)
            case .end:
                state = Self.start
                return .end
            case nil: return nil
            }
        case .switching:
            // What follows stays in the buffer for `takeRemaining`.
            state = .switched
            return .end
        case .failed(let error): throw error
        case .switched, .handedOver: return nil
        }
    }

    private static func state(after head: ResponseHead, to method: String) throws(HTTPParseError) -> State {
        if head.status == 101 || method == "CONNECT" && head.status < 300 { return .switching }
        if ResponseHead.isBodiless(status: head.status, to: method) { return .body(BodyDecoder(.length(0))) }
        let framing = try MessageFraming.declared(in: head.headers, minorVersion: head.minorVersion)
        return .body(BodyDecoder(framing ?? .untilClose))
    }
}
