import FoundationEssentials
import Wire

/// Decodes what arrives on one gateway connection: text as it is, binary through the connection's one inflate context. See
/// Discord's Transport Compression (events/gateway#transport-compression).
struct GatewayStream {
    enum Failure: Error {
        /// The compressed stream is damaged or too large: only a new connection helps.
        case damaged
    }

    private let inflater = Inflater(format: .zlib)
    private var compressed: [UInt8] = []

    /// Far above any GUILD_CREATE: anything larger is an attack or a fault.
    private static let limit = 64 * 1024 * 1024
    private static let suffix: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// - Returns: `nil` when the message is not complete yet.
    mutating func received(_ message: WebSocketMessage) throws -> GatewayMessage? {
        switch message {
        case .text(let text): return try Self.decode(Data(text.utf8))
        case .binary(let bytes):
            guard compressed.count + bytes.count <= Self.limit else { throw Failure.damaged }
            compressed.append(contentsOf: bytes)
            guard compressed.suffix(4).elementsEqual(Self.suffix) else { return nil }
            defer { compressed.removeAll() }
            guard let plain = try? inflater.inflate(compressed, limit: Self.limit) else { throw Failure.damaged }
            return try Self.decode(Data(plain))
        case .ping, .pong, .close: return nil
        }
    }

    private static func decode(_ data: Data) throws -> GatewayMessage {
        try JSONDecoder().decode(GatewayMessage.self, from: data)
    }
}
