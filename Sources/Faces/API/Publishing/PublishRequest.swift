import Guilds
import Store
import Web

/// The body of a publish request: one event, or `{"events": […]}`.
struct PublishRequest: Sendable {
    /// The most events that one request may publish.
    static let limit = 100

    /// The events to append.
    let drafts: [EventDraft]
    /// Whether there may be several.
    let isBatch: Bool

    private enum Body: Decodable {
        case event(PublishedEvent.Body)
        case events([PublishedEvent.Body])

        private enum Key: String, CodingKey {
            case events, topic
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            guard fields.contains(.events) else {
                self = .event(try PublishedEvent.Body(from: decoder))
                return
            }
            guard !fields.contains(.topic) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .events, in: fields, debugDescription: "Send either one event or events.")
            }
            self = .events(try fields.decode([PublishedEvent.Body].self, forKey: .events))
        }
    }

    /// - Throws: what `PublishedEvent` throws; `HTTPError` 422 `invalid_events`, and `invalid_topic` or `invalid_kind` for topics that
    ///   nobody could ever read and kinds that are the server's own.
    init(_ request: Request) throws {
        switch try request.decode(Body.self) {
        case .event(let body):
            drafts = [try Self.draft(body)]
            isBatch = false
        case .events(let bodies):
            guard (1...Self.limit).contains(bodies.count) else {
                throw HTTPError(422, "invalid_events", "A request must have 1 to \(Self.limit) events.")
            }
            drafts = try bodies.enumerated().map { index, body in
                do { return try Self.draft(body) } catch let error as HTTPError {
                    throw HTTPError(error.status, error.code, "events[\(index)]: \(error.message)")
                }
            }
            isBatch = true
        }
    }

    /// - Throws: `HTTPError` 413 `payload_too_large`, 422 `invalid_topic` or `invalid_kind`.
    static func draft(_ body: PublishedEvent.Body) throws -> EventDraft {
        let draft = try PublishedEvent(body).draft
        guard CommunityTopic(draft.topic)?.text == draft.topic else {
            throw HTTPError(
                422, "invalid_topic", "Nobody could ever read this topic. Publish to guild/<id> or to user/<id>.")
        }
        guard !AccessChange.reserves(kind: draft.kind) else {
            throw HTTPError(
                422, "invalid_kind",
                "Kinds that begin with \(draft.kind.prefix { $0 != "." }). are reserved for the server.")
        }
        return draft
    }
}
