import Wire

/// What a codec made of some bytes: whole messages, and the error that ended it.
struct WebSocketReading: Equatable {
    var messages: [WebSocketMessage] = []
    var error: WebSocketError?
    var bufferedBytes = 0

    init(
        _ pieces: [[UInt8]], role: WebSocketRole = .client, limits: WebSocketLimits = WebSocketLimits(),
        deflate: WebSocketDeflate? = nil
    ) {
        var codec = WebSocketCodec(role: role, limits: limits, deflate: deflate)
        do throws(WebSocketError) {
            for piece in pieces {
                codec.append(piece)
                while let message = try codec.next() { messages.append(message) }
            }
        } catch {
            self.error = error
        }
        bufferedBytes = codec.bufferedBytes
    }
}

/// Bytes written as hexadecimal digits, with space wherever it helps.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
