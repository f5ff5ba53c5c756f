/// What a bot sends on the gateway. See Discord's Send Events (events/gateway-events#send-events).
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package enum GatewayCommand: Hashable, Sendable {
    /// Carries the last sequence number received, or `nil` before the first dispatch.
    case heartbeat(Int?)
    case identify(Identify)
    case presence(PresenceUpdate)
    case voiceState(VoiceStateRequest)
    case resume(Resume)
    case requestMembers(RequestGuildMembers)
    /// For servers: an opcode that bots must not send (answered with close code 4001).
    case unknown(op: Int)

    package var op: Int {
        switch self {
        case .heartbeat: 1
        case .identify: 2
        case .presence: 3
        case .voiceState: 4
        case .resume: 6
        case .requestMembers: 8
        case .unknown(let op): op
        }
    }
}

extension GatewayCommand: Codable {
    private enum CodingKeys: String, CodingKey {
        case op, d
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let op = try container.decode(Int.self, forKey: .op)
        switch op {
        case 1: self = .heartbeat(try container.decodeIfPresent(Int.self, forKey: .d))
        case 2: self = .identify(try container.decode(Identify.self, forKey: .d))
        case 3: self = .presence(try container.decode(PresenceUpdate.self, forKey: .d))
        case 4: self = .voiceState(try container.decode(VoiceStateRequest.self, forKey: .d))
        case 6: self = .resume(try container.decode(Resume.self, forKey: .d))
        case 8: self = .requestMembers(try container.decode(RequestGuildMembers.self, forKey: .d))
        default: self = .unknown(op: op)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(op, forKey: .op)
        switch self {
        case .heartbeat(let sequence):
            if let sequence {
                try container.encode(sequence, forKey: .d)
            } else {
                try container.encodeNil(forKey: .d)
            }
        case .identify(let data): try container.encode(data, forKey: .d)
        case .presence(let data): try container.encode(data, forKey: .d)
        case .voiceState(let data): try container.encode(data, forKey: .d)
        case .resume(let data): try container.encode(data, forKey: .d)
        case .requestMembers(let data): try container.encode(data, forKey: .d)
        case .unknown: try container.encodeNil(forKey: .d)
        }
    }
}
