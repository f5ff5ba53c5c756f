/// Takes a message's body out of the bytes that follow its head (RFC 9112 §6 and §7).
struct BodyDecoder: Sendable {
    enum Part {
        case bytes([UInt8])
        case end
    }

    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    private enum State: Sendable {
        case length(remaining: Int)
        case chunkLine
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers(SectionScanner)
        case untilClose
    }

    /// Digits, extensions and CR LF of one chunk's first line.
    private static let longestChunkLine = 256
    /// Chunk extensions of one message: they cost work and carry nothing.
    private static let mostExtensionBytes = 16 * 1024

    private var state: State
    private var received = 0
    private var extensionBytes = 0

    init(_ framing: Framing) {
        state =
            switch framing {
            case .length(let length): .length(remaining: length)
            case .chunked: .chunkLine
            case .untilClose: .untilClose
            }
    }

    /// Whether there is no body, or nothing left of it.
    var isEmpty: Bool {
        if case .length(remaining: 0) = state { true } else { false }
    }

    var endsWithConnection: Bool {
        if case .untilClose = state { return true }
        return false
    }

    mutating func next(from buffer: inout InputBuffer, limits: HTTPLimits) throws(HTTPParseError) -> Part? {
        while true {
            switch state {
            case .length(let remaining):
                try check(remaining, limits)
                if remaining == 0 { return .end }
                guard let bytes = take(remaining, from: &buffer) else { return nil }
                state = .length(remaining: remaining - bytes.count)
                return .bytes(bytes)
            case .chunkLine:
                guard let size = try chunkSize(from: &buffer) else { return nil }
                try check(size, limits)
                state = size == 0 ? .trailers(SectionScanner(hasStartLine: false)) : .chunkData(remaining: size)
            case .chunkData(let remaining):
                guard let bytes = take(remaining, from: &buffer) else { return nil }
                state = bytes.count == remaining ? .chunkEnd : .chunkData(remaining: remaining - bytes.count)
                return .bytes(bytes)
            case .chunkEnd:
                guard try chunkEnd(in: buffer) else { return nil }
                buffer.consume(2)
                state = .chunkLine
            case .trailers(var scanner):
                let end = try scanner.end(in: buffer, limits: limits)
                state = .trailers(scanner)
                guard let end else { return nil }
                _ = try FieldLines.parse(buffer, in: 0..<end - 2)
                buffer.consume(end)
                state = .length(remaining: 0)
            case .untilClose:
                try check(buffer.count, limits)
                guard let bytes = take(buffer.count, from: &buffer) else { return nil }
                return .bytes(bytes)
            }
        }
    }

    private func check(_ coming: Int, _ limits: HTTPLimits) throws(HTTPParseError) {
        if coming > limits.body - received { throw .bodyTooLarge }
    }

    private mutating func take(_ most: Int, from buffer: inout InputBuffer) -> [UInt8]? {
        guard !buffer.isEmpty else { return nil }
        let bytes = buffer.take(min(most, buffer.count))
        received += bytes.count
        return bytes
    }

    private func chunkEnd(in buffer: InputBuffer) throws(HTTPParseError) -> Bool {
        let bytes = buffer
        if bytes.count > 0, bytes[0] != ASCII.carriageReturn { throw .malformedChunk }
        if bytes.count > 1, bytes[1] != ASCII.lineFeed { throw .malformedChunk }
        return bytes.count > 1
    }

    /// Takes the line that begins a chunk. Extensions are passed over (RFC 9112 §7.1.1).
    private mutating func chunkSize(from buffer: inout InputBuffer) throws(HTTPParseError) -> Int? {
        let bytes = buffer
        var size = 0
        var index = 0
        while index < bytes.count, let digit = ASCII.hexValue(bytes[index]) {
            guard size >> (Int.bitWidth - 5) == 0, index < Self.longestChunkLine else { throw .malformedChunk }
            size = size << 4 | digit
            index += 1
        }
        guard index < bytes.count else { return nil }
        let digits = index
        guard digits > 0, bytes[index] == ASCII.carriageReturn || bytes[index] == UInt8(ascii: ";") else {
            throw .malformedChunk
        }
        while index < bytes.count, bytes[index] >= 0x20 && bytes[index] != 0x7F || bytes[index] == ASCII.tab {
            index += 1
            guard index < Self.longestChunkLine else { throw .malformedChunk }
        }
        guard index < bytes.count else { return nil }
        guard bytes[index] == ASCII.carriageReturn else { throw .malformedChunk }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == ASCII.lineFeed else { throw .malformedChunk }
        extensionBytes += index - digits
        guard extensionBytes <= Self.mostExtensionBytes else { throw .malformedChunk }
        buffer.consume(index + 2)
        return size
    }
}
