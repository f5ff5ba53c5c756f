import Core
import DiscordCommunity
import Guilds
import Scheduler
import Web
import Wire

extension WebAPI {
    /// Where users are signed in, and signing out there.
    func registerSessions(on members: inout RouteGroup) {
        members.get("/account/sessions") { request in
            let own = request.session.id
            let list = try await sessions.all(of: request.user).map {
                SessionBody(session: $0, isCurrent: $0.id == own)
            }
            return .json(writing: SessionList(sessions: list))
        }
        members.delete("/account/sessions") { request in
            try await Self.limit(request, writes)
            try await accounts.signOutEverywhere(request.user)
            return signedOut(request)
        }
        members.delete("/account/sessions/:id") { request in
            try await Self.limit(request, writes)
            let id = try request.parameter("id")
            guard let session = try await sessions.find(id: id), session.userID == request.user else {
                throw HTTPError(404, "session_not_found", "You are not signed in there any more.")
            }
            try await accounts.signOut(session)
            return id == request.session.id ? signedOut(request) : .noContent
        }
    }
}

private struct SessionBody: JSONWritable {
    let session: SignedIn
    let isCurrent: Bool

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("browser", session.browser)
            writer.member("id", session.id)
            writer.member("is_current", isCurrent)
            writer.member("signed_in_at", RFC3339.text(session.startedAt))
            writer.member("used_at", RFC3339.text(session.usedAt))
        }
    }
}

private struct SessionList: JSONWritable {
    let sessions: [SessionBody]

    func write(to writer: inout JSONWriter) { writer.object { $0.member("sessions", sessions) } }
}
