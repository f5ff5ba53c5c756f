/// A data message that is coming in: inflated and checked piece by piece, so that a bad one fails at its first bad byte
/// and a bomb at the limit.
struct MessageAssembly: ~Copyable {
    private let isText: Bool
    private let limit: Int
    private let inflater: Inflater?
    private var bytes: [UInt8] = []
    private var received = 0
    private var validator = UTF8Validator()

    /// - Parameter inflater: for a compressed message.
    init(isText: Bool, limit: Int, inflater: Inflater?) {
        self.isText = isText
        self.limit = limit
        self.inflater = inflater
    }

    /// Whether so many more bytes may still come. Called before they do.
    func check(coming: Int) throws(WebSocketError) {
        // Compressed, a message is rarely longer than plain; what is much longer only costs time.
        let most = inflater == nil ? limit : min(limit, Int.max / 4) * 2 + 1024
        if coming > most - received { throw .messageTooBig }
    }

    /// - Parameter piece: unmasked.
    mutating func append(_ piece: [UInt8]) throws(WebSocketError) {
        received += piece.count
        guard let inflater else {
            if isText, !validator.accepts(piece[...]) { throw .malformedText }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
            return
        }
        let old = bytes.count
        var failure: CompressionError?
        do throws(CompressionError) {
            try inflater.inflate(piece, into: &bytes, limit: limit)
        } catch {
            failure = error
        }
        // The first fault is reported, so what came before the inflater's is checked first.
        if isText, !validator.accepts(bytes[old...]) { throw .malformedText }
        if let failure { throw failure == .tooLarge ? .messageTooBig : .malformedCompression }
    }

    /// The whole message.
    consuming func finish() throws(WebSocketError) -> WebSocketMessage {
        if inflater != nil {
            // What the sender takes off each message's end (RFC 7692 §7.2.2).
            try append(Deflater.syncMarker)
        }
        guard isText else { return .binary(bytes) }
        guard validator.isComplete else { throw .malformedText }
        return .text(String(decoding: bytes, as: UTF8.self))
    }
}
