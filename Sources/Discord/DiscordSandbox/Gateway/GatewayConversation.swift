import Core

/// The server's side of one gateway connection, apart from what sessions share: decoding, the order of messages, limits and
/// heartbeats.
///
/// A state machine without I/O: events go in, actions come out. Times are of any monotonic clock.
package struct GatewayConversation: Sendable {
    /// What the connection must do.
    package enum Action: Sendable, Equatable {
        case send(JSON)
        case close(code: Int, reason: String)
        case identify(JSON)
        case resume(token: String, sessionID: String?, sequence: Int?)
        case requestMembers(JSON)
        case updateVoice(JSON)
    }

    private enum Phase: Equatable {
        case anonymous, identified, closed
    }

    private var phase = Phase.anonymous
    private var received: [Duration] = []
    private var lastHeartbeat: Duration
    package let heartbeatInterval: Duration
    /// Whether heartbeats get no answer (a fault).
    package var ignoresHeartbeats = false

    /// How many frames a client may send in a minute.
    package static let frameLimit = 120
    /// How many bytes a frame may have.
    package static let frameSize = 4096

    package init(heartbeatInterval: Duration, now: Duration) {
        self.heartbeatInterval = heartbeatInterval
        lastHeartbeat = now
    }

    package func opened() -> Action {
        .send([
            "op": 10, "s": nil, "t": nil,
            "d": ["heartbeat_interval": .integer(heartbeatInterval.milliseconds), "_trace": ["[\"tandem-sandbox\"]"]],
        ])
    }

    /// The realm accepted an identify or a resume.
    package mutating func accepted() { phase = .identified }

    /// The session is gone; the client may identify on this connection.
    package mutating func sessionInvalidated() { if phase != .closed { phase = .anonymous } }

    /// A connection without a heartbeat for one and a half intervals is closed.
    package mutating func timerFired(now: Duration) -> Action? {
        guard phase != .closed, now - lastHeartbeat > heartbeatInterval * 3 / 2 else { return nil }
        return close(4009, "Session timed out.")
    }

    package mutating func received(_ payload: [UInt8], now: Duration) -> Action? {
        guard phase != .closed else { return nil }
        received.removeAll { now - $0 >= .seconds(60) }
        guard received.count < Self.frameLimit else { return close(4008, "Rate limited.") }
        received.append(now)
        guard payload.count <= Self.frameSize, let json = try? JSON(parsing: payload), json.isObject,
            let opcode = json["op"]?.intValue
        else { return close(4002, "Error while decoding payload.") }
        let data = json["d"] ?? .null
        switch opcode {
        case 1:
            guard data.isNull || data.intValue != nil else { return close(4002, "Error while decoding payload.") }
            lastHeartbeat = now
            return ignoresHeartbeats ? nil : .send(["op": 11, "s": nil, "t": nil, "d": nil])
        case 2:
            guard phase == .anonymous else { return close(4005, "Already authenticated.") }
            guard data["token"]?.stringValue != nil, data["properties"]?.isObject == true else {
                return close(4002, "Error while decoding payload.")
            }
            return .identify(data)
        case 6:
            guard phase == .anonymous else { return close(4005, "Already authenticated.") }
            guard let token = data["token"]?.stringValue else { return close(4002, "Error while decoding payload.") }
            return .resume(
                token: token, sessionID: data["session_id"]?.stringValue, sequence: data["seq"]?.intValue)
        case 3, 4, 8, 31:
            guard phase == .identified else { return close(4003, "Not authenticated.") }
            guard data.isObject else { return close(4002, "Error while decoding payload.") }
            return opcode == 4 ? .updateVoice(data) : opcode == 8 ? .requestMembers(data) : nil
        default:
            return phase == .identified ? close(4001, "Unknown opcode.") : close(4003, "Not authenticated.")
        }
    }

    package mutating func close(_ code: Int, _ reason: String) -> Action {
        phase = .closed
        return .close(code: code, reason: reason)
    }
}
