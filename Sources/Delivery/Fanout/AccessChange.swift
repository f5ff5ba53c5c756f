import FoundationEssentials
package import Store

/// An event that changes what open streams may see. It travels and is numbered like any other event, so it takes effect
/// exactly between the events before and after it.
package enum AccessChange: Sendable, Equatable {
    /// The principal may see the topic from here on: streams that follow such topics gain it.
    case granted(principal: String, topic: String)
    /// The principal may no longer see the topic: streams lose it at once.
    case revoked(principal: String, topic: String)
    /// The session has ended: the streams opened through it are closed.
    case sessionEnded(principal: String, session: String)

    private struct Payload: Codable {
        var principal: String
        var topic: String?
        var session: String?
    }

    /// The principal whose streams are concerned.
    package var principal: String {
        switch self {
        case .granted(let principal, _), .revoked(let principal, _), .sessionEnded(let principal, _): principal
        }
    }

    /// Reads the change out of an event; nil for any other event.
    package init?(_ event: Event) {
        guard event.kind.hasPrefix("access.") || event.kind == "session.ended",
            let payload = try? JSONDecoder().decode(Payload.self, from: Data(event.payload.utf8))
        else { return nil }
        switch (event.kind, payload.topic, payload.session) {
        case ("access.granted", let topic?, _): self = .granted(principal: payload.principal, topic: topic)
        case ("access.revoked", let topic?, _): self = .revoked(principal: payload.principal, topic: topic)
        case ("session.ended", _, let session?): self = .sessionEnded(principal: payload.principal, session: session)
        default: return nil
        }
    }
}
