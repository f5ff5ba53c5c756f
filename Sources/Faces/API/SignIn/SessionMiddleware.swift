import Core
import Guilds
import Web
import Wire

/// The session of the one who asks.
enum CurrentSession: RequestKey {
    typealias Value = Session
    static let cookie = "tandem_session"
}

extension Request {
    /// - Precondition: the route stands behind `requireSession`.
    var session: Session {
        guard let session = self[CurrentSession.self] else { preconditionFailure("the route needs a session") }
        return session
    }

    var user: UserID { session.userID }
}

extension WebAPI {
    /// Lets through whoever is signed in; anyone else gets 401.
    var requireSession: Middleware {
        { [sessions] request, next in
            guard let token = request.cookies[CurrentSession.cookie],
                let session = try await sessions.find(token: token)
            else { throw Self.notSignedIn }
            var request = request
            request[CurrentSession.self] = session
            return try await next(request)
        }
    }

    static var notSignedIn: HTTPError { HTTPError(401, "not_signed_in", "Sign in with Discord first.") }

    /// A cookie that lasts as long as the session may.
    func sessionCookie(_ started: StartedSession, for request: Request) -> Cookie {
        Cookie(
            CurrentSession.cookie, started.token.revealed,
            maxAge: .milliseconds(started.session.endsAt - clock.milliseconds), isSecure: request.isSecure)
    }

    /// Counts one more against what the person may do.
    ///
    /// - Throws: 429 with `Retry-After`.
    static func limit(_ request: Request, _ allowance: Allowance) async throws {
        guard let seconds = await allowance.take(request.user) else { return }
        throw HTTPError(
            429, "too_many_requests", "You are doing that too often. Try again in \(seconds) s.",
            headers: ["retry-after": "\(seconds)"])
    }
}
