import FoundationEssentials

/// The contract between whatever takes or gives access and the streams that must obey: an event that changes what open
/// streams may see. It travels and is numbered like any other event, so it takes effect exactly between the events before
/// and after it.
///
/// Written and read here only, so that the two can't disagree: a misspelt kind would leave a revoked stream open.
package enum AccessChange: Sendable, Hashable {
    /// The principal may see the topic from here on: streams that follow such topics gain it.
    case granted(principal: String, topic: String)
    /// The principal may no longer see the topic: streams lose it at once.
    case revoked(principal: String, topic: String)
    /// What of the topic its principals may see has changed: each of its streams asks anew.
    case changed(topic: String)
    /// The session has ended: the streams opened through it are closed.
    case sessionEnded(principal: String, session: String)

    private enum Kind: String {
        case granted = "access.granted"
        case revoked = "access.revoked"
        case changed = "access.changed"
        case sessionEnded = "session.ended"
    }

    /// What the kinds of such events begin with. Only this program's own transactions may append these.
    private static let reservedPrefixes = ["access.", "session."]

    private struct Payload: Codable {
        var principal: String?
        var topic: String?
        var session: String?
    }

    /// Whether events of this kind are reserved for the program, and refused from anyone who publishes from outside.
    package static func reserves(kind: String) -> Bool { reservedPrefixes.contains(where: kind.hasPrefix) }

    /// The principal whose streams are concerned. It is also the topic on which the event is appended. `nil` if it is all who
    /// see a topic: then it's appended on that one.
    package var principal: String? {
        switch self {
        case .granted(let principal, _), .revoked(let principal, _), .sessionEnded(let principal, _): principal
        case .changed: nil
        }
    }

    /// The event to append in the transaction that makes the change.
    package var draft: EventDraft {
        switch self {
        case .granted(let principal, let topic):
            Self.draft(.granted, Payload(principal: principal, topic: topic))
        case .revoked(let principal, let topic):
            Self.draft(.revoked, Payload(principal: principal, topic: topic))
        case .changed(let topic):
            Self.draft(.changed, Payload(topic: topic))
        case .sessionEnded(let principal, let session):
            Self.draft(.sessionEnded, Payload(principal: principal, session: session))
        }
    }

    private static func draft(_ kind: Kind, _ payload: Payload) -> EventDraft {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(payload), let topic = payload.principal ?? payload.topic else {
            preconditionFailure("an object of strings can always be encoded")
        }
        return EventDraft(
            topic: topic, kind: kind.rawValue, payload: String(decoding: text, as: UTF8.self))
    }

    /// Reads the change out of an event; nil for any other event.
    package init?(_ event: Event) {
        guard let kind = Kind(rawValue: event.kind),
            let payload = try? JSONDecoder().decode(Payload.self, from: Data(event.payload.utf8))
        else { return nil }
        switch (kind, payload.principal, payload.topic, payload.session) {
        case (.granted, let principal?, let topic?, _): self = .granted(principal: principal, topic: topic)
        case (.revoked, let principal?, let topic?, _): self = .revoked(principal: principal, topic: topic)
        case (.changed, nil, let topic?, _): self = .changed(topic: topic)
        case (.sessionEnded, let principal?, _, let session?):
            self = .sessionEnded(principal: principal, session: session)
        case (.granted, _, _, _), (.revoked, _, _, _), (.changed, _, _, _), (.sessionEnded, _, _, _): return nil
        }
    }
}
