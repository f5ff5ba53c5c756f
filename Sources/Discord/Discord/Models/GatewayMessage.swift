/// What Discord sends on the gateway. See Discord's Gateway Opcodes (topics/opcodes-and-status-codes#gateway).
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package enum GatewayMessage: Hashable, Sendable {
    case dispatch(GatewayEvent, sequence: Int)
    case heartbeat
    case reconnect
    case invalidSession(resumable: Bool)
    /// The interval in milliseconds.
    case hello(heartbeatInterval: Int)
    case heartbeatAcknowledged
    case unknown(op: Int)
}

extension GatewayMessage: Codable {
    private enum CodingKeys: String, CodingKey {
        case op, d, s, t
    }

    private struct Hello: Codable {
        var interval: Int
        var trace: [String]? = []

        enum CodingKeys: String, CodingKey {
            case interval = "heartbeat_interval"
            case trace = "_trace"
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let op = try container.decode(Int.self, forKey: .op)
        switch op {
        case 0:
            let name = try container.decode(String.self, forKey: .t)
            let sequence = try container.decode(Int.self, forKey: .s)
            self = .dispatch(GatewayEvent(name: name, data: try container.superDecoder(forKey: .d)), sequence: sequence)
        case 1: self = .heartbeat
        case 7: self = .reconnect
        case 9: self = .invalidSession(resumable: (try? container.decode(Bool.self, forKey: .d)) ?? false)
        case 10: self = .hello(heartbeatInterval: try container.decode(Hello.self, forKey: .d).interval)
        case 11: self = .heartbeatAcknowledged
        default: self = .unknown(op: op)
        }
    }

    /// All four members are always written, as Discord does.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .dispatch(let event, let sequence):
            try container.encode(event.name, forKey: .t)
            try container.encode(sequence, forKey: .s)
            try container.encode(0, forKey: .op)
            try event.encodeData(to: container.superEncoder(forKey: .d))
            return
        case .heartbeat: try container.encode(1, forKey: .op)
        case .reconnect: try container.encode(7, forKey: .op)
        case .invalidSession: try container.encode(9, forKey: .op)
        case .hello: try container.encode(10, forKey: .op)
        case .heartbeatAcknowledged: try container.encode(11, forKey: .op)
        case .unknown(let op): try container.encode(op, forKey: .op)
        }
        try container.encodeNil(forKey: .t)
        try container.encodeNil(forKey: .s)
        switch self {
        case .hello(let interval): try container.encode(Hello(interval: interval), forKey: .d)
        case .invalidSession(let resumable): try container.encode(resumable, forKey: .d)
        default: try container.encodeNil(forKey: .d)
        }
    }
}
