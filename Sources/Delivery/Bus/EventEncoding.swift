import Core
import Crypto
import FoundationEssentials
import Store

/// Events as they travel between processes: JSON objects with the fields `number`, `topic`, `kind`, `payload` (a string),
/// `time` and `signature`; a batch is an array of them. Fields that a reader doesn't know are ignored, so that versions can
/// differ while a system is upgraded.
///
/// The signature, base64url of an HMAC-SHA256 over all of the event, is what a reader believes: whoever can write to a bus
/// can't make up events, nor bring one again under another number.
struct EventEncoding: Sendable {
    /// What all processes of a system have in common, and nobody else has.
    let key: [UInt8]

    /// The events as batches that are at most `limit` bytes long each. An event that is longer by itself is replaced by an
    /// empty batch, which tells readers to look into the log.
    func batches(_ events: [Event], limit: Int) throws -> [[UInt8]] {
        let encoder = JSONEncoder()
        var batches: [[UInt8]] = []
        var current: [UInt8] = []
        func finish() {
            guard !current.isEmpty else { return }
            batches.append(current + [UInt8(ascii: "]")])
            current = []
        }
        for event in events {
            let bytes = try encoder.encode(signed(event))
            if current.count + bytes.count + 2 > limit { finish() }
            guard bytes.count + 2 <= limit else {
                batches.append(Array("[]".utf8))
                continue
            }
            current.append(UInt8(ascii: current.isEmpty ? "[" : ","))
            current.append(contentsOf: bytes)
        }
        finish()
        return batches
    }

    /// - Throws: `ForgedEvent`, or what is wrong with the JSON.
    func events(inBatch bytes: [UInt8]) throws -> [Event] {
        try JSONDecoder().decode([SignedEvent].self, from: Data(bytes)).map(verified)
    }

    func bytes(of event: Event) throws -> [UInt8] { Array(try JSONEncoder().encode(signed(event))) }

    /// - Throws: `ForgedEvent`, or what is wrong with the JSON.
    func event(_ bytes: [UInt8]) throws -> Event {
        try verified(JSONDecoder().decode(SignedEvent.self, from: Data(bytes)))
    }

    private func signed(_ event: Event) -> SignedEvent {
        SignedEvent(event: event, signature: Base64.encode(signature(of: event), as: .url))
    }

    private func verified(_ signed: SignedEvent) throws -> Event {
        guard let sent = signed.signature, let bytes = Base64.decode(sent, as: .url),
            constantTimeEquals(bytes, signature(of: signed.event))
        else { throw ForgedEvent(number: signed.event.number) }
        return signed.event
    }

    private func signature(of event: Event) -> [UInt8] {
        // With their lengths, so that no byte can move from one field to the next.
        let (topic, kind) = (event.topic, event.kind)
        let head = "\(event.number) \(event.time) \(topic.utf8.count) \(kind.utf8.count) "
        return HMACSHA256.authenticate(Array((head + topic + kind + event.payload).utf8), key: key)
    }
}

/// An event that no process of this system has signed.
struct ForgedEvent: Error, CustomStringConvertible {
    let number: Int64

    var description: String {
        "event \(number) isn't signed with this system's secret: its sender is no part of the system, or has another secret"
    }
}

private struct SignedEvent: Codable {
    let event: Event
    let signature: String?

    private enum Key: String, CodingKey {
        case signature
    }

    init(event: Event, signature: String) {
        self.event = event
        self.signature = signature
    }

    init(from decoder: any Decoder) throws {
        event = try Event(from: decoder)
        signature = try decoder.container(keyedBy: Key.self).decodeIfPresent(String.self, forKey: .signature)
    }

    func encode(to encoder: any Encoder) throws {
        try event.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(signature, forKey: .signature)
    }
}
