/// Reads HTTP/1.1 and HTTP/1.0 requests from a connection's bytes, one after the other (RFC 9112).
///
/// Feed it with `append`, then call `next` until it answers `nil`. A request is one `.head`, any number of `.body`, one
/// `.end`. What can be read in two ways is refused, so that no proxy in front can see other requests than we do. After
/// an error the parser stays failed: answer with the error's status and close.
///
/// A caller that does one request at a time stops calling `next` (and pauses reading) at `.end` until it has answered.
package struct RequestParser: Sendable {
    /// A part of a request, in the order head, body, end.
    package enum Part: Sendable, Equatable {
        case head(RequestHead)
        /// A piece of the body, never empty.
        case body([UInt8])
        case end
    }

    private enum State: Sendable {
        case head(SectionScanner, passedEmptyLine: Bool)
        case body(BodyDecoder)
        case failed(HTTPParseError)
        case handedOver
    }

    /// May be changed at any time: raise or lower `limits.body` after `.head` for what this one target accepts.
    package var limits: HTTPLimits
    private var buffer = InputBuffer()
    private var state = Self.start

    private static let start = State.head(SectionScanner(hasStartLine: true), passedEmptyLine: false)

    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Bytes that are held and not parsed yet.
    package var bufferedBytes: Int { buffer.count }

    /// Whether no request has begun: the time to close an idle connection, or to measure how long one is idle.
    package var isIdle: Bool {
        guard case .head = state else { return false }
        return buffer.isEmpty
    }

    /// Whether a body follows the head that `next` has returned.
    package var expectsBody: Bool {
        if case .body(let body) = state { !body.isEmpty } else { false }
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        unsafe buffer.append(bytes)
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(bytes)
    }

    /// Returns the next part, or `nil` when more bytes are needed.
    ///
    /// - Throws: `HTTPParseError` for a request that is malformed or too large, and on every call after it.
    package mutating func next() throws(HTTPParseError) -> Part? {
        do throws(HTTPParseError) {
            return try parse()
        } catch {
            state = .failed(error)
            buffer.close()
            throw error
        }
    }

    /// Takes what came after the last part that `next` returned, for the protocol that an upgrade goes over to. From
    /// then on the parser takes nothing any more.
    package mutating func takeRemaining() -> [UInt8] {
        state = .handedOver
        return buffer.takeRemaining()
    }

    private mutating func parse() throws(HTTPParseError) -> Part? {
        switch state {
        case .head(var scanner, let passedEmptyLine):
            // Some senders put an empty line after a body; one is ignored (RFC 9112 §2.2).
            if !passedEmptyLine, skipEmptyLine() {
                state = .head(scanner, passedEmptyLine: true)
            }
            guard case .head(_, let passedEmptyLine) = state else { return nil }
            guard !buffer.isEmpty else { return nil }
            let end = try scanner.end(in: buffer, limits: limits)
            state = .head(scanner, passedEmptyLine: passedEmptyLine)
            guard let end else { return nil }
            let head = try RequestHead.parse(buffer, length: end)
            state = .body(BodyDecoder(try Self.framing(of: head)))
            buffer.consume(end)
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
        case .failed(let error): throw error
        case .handedOver: return nil
        }
    }

    private mutating func skipEmptyLine() -> Bool {
        guard buffer.count >= 2, buffer[0] == ASCII.carriageReturn, buffer[1] == ASCII.lineFeed else { return false }
        buffer.consume(2)
        return true
    }

    private static func framing(of head: RequestHead) throws(HTTPParseError) -> BodyDecoder.Framing {
        guard let framing = try MessageFraming.declared(in: head.headers, minorVersion: head.minorVersion) else {
            return .length(0)
        }
        // Without a final chunked the end of the request is undefined (RFC 9112 §6.3).
        if case .untilClose = framing { throw .malformedTransferEncoding }
        return framing
    }
}
