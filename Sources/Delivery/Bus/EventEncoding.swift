import Core
import Crypto
import FoundationEssentials
import Store

/// Events as they travel between processes: JSON objects with the fields `number`, `topic`, `kind`, `payload` (a string),
/// `time`, `tag`, `previous_tag`, `epoch` and `signature`; a batch is an array of them. Fields that a reader doesn't know are ignored, so that versions can
/// differ while a system is upgraded.
///
/// A reader accepts only events with a valid signature, base64url of an HMAC-SHA256 over all of the event's fields: write
/// access to a bus isn't enough to forge events, or to replay one under another number.
struct EventEncoding: Sendable {
    /// The secret that all processes of a system share.
    let key: [UInt8]
    /// Which log the numbers belong to.
    let epoch: String

    /// Returns the events as batches of at most `limit` bytes each. An event that is longer by itself is replaced by an empty
    /// batch, after which readers read the log.
    /// - Throws: an error of the JSON encoder.
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

    /// The events of this log; those of another say nothing about this one, but that it may have been replaced.
    ///
    /// - Throws: `ForgedEvent`, or the error of the JSON decoder.
    func events(inBatch bytes: [UInt8]) throws -> [Event] {
        try JSONDecoder().decode([SignedEvent].self, from: Data(bytes)).compactMap(verified)
    }

    /// - Throws: an error of the JSON encoder.
    func bytes(of event: Event) throws -> [UInt8] { Array(try JSONEncoder().encode(signed(event))) }

    /// The same for a single event; nil if it's of another log.
    ///
    /// - Throws: `ForgedEvent`, or the error of the JSON decoder.
    func event(_ bytes: [UInt8]) throws -> Event? {
        try verified(JSONDecoder().decode(SignedEvent.self, from: Data(bytes)))
    }

    private func signed(_ event: Event) -> SignedEvent {
        SignedEvent(event: event, epoch: epoch, signature: Base64.encode(signature(of: event, in: epoch), as: .url))
    }

    private func verified(_ signed: SignedEvent) throws -> Event? {
        guard let sent = signed.signature, let bytes = Base64.decode(sent, as: .url), let sender = signed.epoch,
            constantTimeEquals(bytes, signature(of: signed.event, in: sender))
        else { throw ForgedEvent(number: signed.event.number) }
        return sender == epoch ? signed.event : nil
    }

    private func signature(of event: Event, in epoch: String) -> [UInt8] {
        // With their lengths, so that no byte can move from one field to the next.
        let (topic, kind) = (event.topic, event.kind)
        let place = "\(epoch) \(event.number) \(event.tag ?? 0) \(event.previousTag ?? 0)"
        let head = "\(place) \(event.time) \(topic.utf8.count) \(kind.utf8.count) "
        return HMACSHA256.authenticate(Array((head + topic + kind + event.payload).utf8), key: key)
    }
}
