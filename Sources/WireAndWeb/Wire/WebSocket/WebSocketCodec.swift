/// Reads and writes one WebSocket's frames (RFC 6455), with `permessage-deflate` where that was agreed (RFC 7692).
///
/// Feed it with `append`, then call `next` until it answers `nil`: it answers whole messages; control frames come as they arrive,
/// also in the middle of a fragmented message. After an error it stays failed, after a close frame it takes nothing more.
/// While no message is coming in it holds no memory, unless a context is taken over from message to message.
package struct WebSocketCodec: ~Copyable {
    private enum State {
        case header
        case payload(WebSocketFrame.Header, taken: Int)
        case closed
        case failed(WebSocketError)
    }

    package let role: WebSocketRole
    package let limits: WebSocketLimits
    package let deflate: WebSocketDeflate?
    private var buffer = InputBuffer()
    private var state = State.header
    private var assembly: MessageAssembly?
    /// Kept only while a context is taken over.
    private var inflater: Inflater?
    private var deflater: Deflater?

    package init(role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(), deflate: WebSocketDeflate? = nil) {
        self.role = role
        self.limits = limits
        self.deflate = deflate
    }

    /// Bytes that are held and not read yet, without those of the message that is coming in.
    package var bufferedBytes: Int { buffer.count }

    /// Whether another codec could take over from here: nothing is coming in, and no context is kept for what follows.
    package var isIdle: Bool {
        guard case .header = state, buffer.isEmpty, inflater == nil, deflater == nil else { return false }
        // A noncopyable value can't be compared with nil.
        switch assembly {
        case .none: return true
        case .some: return false
        }
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        unsafe buffer.append(bytes)
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(bytes)
    }

    /// Returns the next message, or `nil` when more bytes are needed.
    ///
    /// - Throws: `WebSocketError`, with the close code to send, when the peer breaks the protocol.
    package mutating func next() throws(WebSocketError) -> WebSocketMessage? {
        do throws(WebSocketError) {
            return try read()
        } catch {
            state = .failed(error)
            release()
            throw error
        }
    }

    private mutating func release() {
        buffer.close()
        assembly = nil
        inflater = nil
    }

    private mutating func read() throws(WebSocketError) -> WebSocketMessage? {
        while true {
            switch state {
            case .header:
                let header = try WebSocketFrame.header(
                    in: buffer, isMasked: role == .server, allowsCompression: deflate != nil)
                guard let header else { return nil }
                buffer.consume(header.size)
                if !header.opcode.isControl { try begin(header) }
                state = .payload(header, taken: 0)
            case .payload(let header, _) where header.opcode.isControl:
                guard buffer.count >= header.length else { return nil }
                state = .header
                return try control(header)
            case .payload(let header, let taken):
                let count = min(header.length - taken, buffer.count)
                if count > 0 {
                    var piece = buffer.take(count)
                    if let mask = header.mask { WebSocketFrame.apply(Self.rotate(mask, by: taken), to: &piece) }
                    try assembly?.append(piece)
                }
                guard taken + count == header.length else {
                    state = .payload(header, taken: taken + count)
                    return nil
                }
                state = .header
                if header.isFinal, let message = assembly.take() { return try message.finish() }
            case .closed: return nil
            case .failed(let error): throw error
            }
        }
    }

    /// Begins or continues a data message.
    private mutating func begin(_ header: WebSocketFrame.Header) throws(WebSocketError) {
        if header.opcode == .continuation {
            guard assembly != nil else { throw .unexpectedContinuation }
        } else {
            guard assembly == nil else { throw .unfinishedMessage }
            assembly = MessageAssembly(
                isText: header.opcode == .text, limit: limits.message,
                inflater: header.isCompressed ? incomingContext() : nil)
        }
        try assembly?.check(coming: header.length)
    }

    private mutating func control(_ header: WebSocketFrame.Header) throws(WebSocketError) -> WebSocketMessage {
        var payload = buffer.take(header.length)
        if let mask = header.mask { WebSocketFrame.apply(mask, to: &payload) }
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default:
            let message = try Self.close(payload)
            state = .closed
            release()
            return message
        }
    }

    private static func close(_ payload: [UInt8]) throws(WebSocketError) -> WebSocketMessage {
        if payload.isEmpty { return .close(.noStatus, reason: "") }
        guard payload.count >= 2 else { throw .malformedClose }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isSendable else { throw .malformedClose }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else { throw .malformedText }
        return .close(code, reason: reason)
    }

    /// The mask as it meets the byte at this place of the payload.
    private static func rotate(_ mask: UInt32, by offset: Int) -> UInt32 {
        let bits = UInt32(offset & 3) * 8
        return bits == 0 ? mask : mask >> bits | mask << (32 - bits)
    }

    private mutating func incomingContext() -> Inflater {
        guard let deflate, !deflate.takesNoContextOver(role == .server ? .client : .server) else {
            return Inflater(format: .raw)
        }
        let context = inflater ?? Inflater(format: .raw)
        inflater = context
        return context
    }
}

// MARK: - Writing

extension WebSocketCodec {
    package mutating func encode(text: String) -> [UInt8] { encode(.text, Array(text.utf8)) }

    package mutating func encode(binary: [UInt8]) -> [UInt8] { encode(.binary, binary) }

    /// - Parameter payload: at most 125 bytes.
    package mutating func encodePing(_ payload: [UInt8] = []) -> [UInt8] { encodeControl(.ping, payload) }

    /// - Parameter payload: the bytes of the ping that it answers.
    package mutating func encodePong(_ payload: [UInt8] = []) -> [UInt8] { encodeControl(.pong, payload) }

    /// - Parameters:
    ///   - code: `noStatus` for a close frame without one. A code that no frame may carry is sent as `normal`.
    ///   - reason: cut to the 123 bytes that fit, between characters.
    package mutating func encodeClose(_ code: WebSocketCloseCode = .normal, reason: String = "") -> [UInt8] {
        if code == .noStatus { return encodeControl(.close, []) }
        let value = code.isSendable ? code.rawValue : WebSocketCloseCode.normal.rawValue
        var text = reason[...]
        while text.utf8.count > 123 { text.unicodeScalars.removeLast() }
        return encodeControl(.close, [UInt8(value >> 8), UInt8(value & 255)] + text.utf8)
    }

    /// A server's text frame that suits every connection: not compressed, so that it can be encoded once and shared.
    package static func sharedFrame(text: String) -> [UInt8] { WebSocketFrame.encode(.text, Array(text.utf8)) }

    private mutating func encode(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8]) -> [UInt8] {
        guard let deflate, payload.count >= limits.smallestCompressed else {
            return WebSocketFrame.encode(opcode, payload, mask: newMask())
        }
        return WebSocketFrame.encode(
            opcode, Self.compress(payload, with: outgoingContext(deflate, payload.count)), isCompressed: true,
            mask: newMask())
    }

    private mutating func outgoingContext(_ deflate: WebSocketDeflate, _ count: Int) -> Deflater {
        let bits = deflate.windowBits(role)
        guard !deflate.takesNoContextOver(role) else {
            return Deflater(format: .raw, windowBits: bits, expectedBytes: count)
        }
        let context = deflater ?? Deflater(format: .raw, windowBits: bits)
        deflater = context
        return context
    }

    private static func compress(_ payload: [UInt8], with deflater: Deflater) -> [UInt8] {
        var bytes = deflater.deflate(payload, flush: .sync)
        // An empty message right after a flush puts nothing out; it is written as one empty block (RFC 7692 §7.2.3.6).
        guard bytes.count >= Deflater.syncMarker.count else { return [0] }
        bytes.removeLast(Deflater.syncMarker.count)
        return bytes
    }

    private func encodeControl(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8]) -> [UInt8] {
        precondition(payload.count <= 125, "a control frame holds at most 125 bytes")
        return WebSocketFrame.encode(opcode, payload, mask: newMask())
    }

    /// The system's generator is cryptographically secure, as RFC 6455 §10.3 wants it.
    private func newMask() -> UInt32? { role == .client ? UInt32.random(in: .min ... .max) : nil }
}
