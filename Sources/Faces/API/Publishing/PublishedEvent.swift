import Core
import Fanout
import FoundationEssentials
package import Store
package import Web

/// The body of a publish request, `{"topic","kind","payload"}`, checked and ready for the outbox.
package struct PublishedEvent: Sendable {
    /// The event to append.
    package let draft: EventDraft

    /// The largest payload, in bytes. A payload is a small fact; clients fetch anything larger when they receive it.
    package static let payloadLimit = 16 * 1024

    /// What is sent of an event.
    struct Body: Decodable, Sendable {
        let topic: String
        let kind: String
        let payload: [String: JSONValue]
    }

    /// - Throws: `HTTPError` 415, 400 `malformed_json`, 413 `payload_too_large`, 422 `invalid_topic` or `invalid_kind`.
    package init(_ request: Request) throws {
        try self.init(try request.decode(Body.self))
    }

    /// - Throws: `HTTPError` 413 `payload_too_large`, 422 `invalid_topic` or `invalid_kind`.
    init(_ body: Body) throws {
        guard TopicName.isValid(body.topic) else {
            throw HTTPError(422, "invalid_topic", "A topic must have 1 to 200 characters: A–Z a–z 0–9 / _ . : -.")
        }
        guard TopicName.isValid(body.kind) else {
            throw HTTPError(422, "invalid_kind", "A kind must have 1 to 200 characters: A–Z a–z 0–9 / _ . : -.")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        let payload = try encoder.encode(body.payload)
        guard payload.count <= Self.payloadLimit else {
            throw HTTPError(413, "payload_too_large", "A payload must have at most \(Self.payloadLimit) bytes.")
        }
        draft = EventDraft(topic: body.topic, kind: body.kind, payload: String(decoding: payload, as: UTF8.self))
    }
}
