import Core
import Guilds
import Web
import Wire

/// The session that a request was made with.
enum CurrentSession: RequestKey {
    typealias Value = Session
    static let cookie = "tandem_session"
}

extension Request {
    /// The session that the request was made with.
    ///
    /// - Precondition: the route is behind `requireSession`.
    var session: Session {
        guard let session = self[CurrentSession.self] else { preconditionFailure("the route needs a session") }
        return session
    }

    /// The user who made the request. The same precondition holds.
    var user: UserID { session.userID }
}

extension WebAPI {
    /// Lets requests with a session pass; any other is answered 401 `not_signed_in`.
    var requireSession: Middleware {
        Middleware(direct: { [sessions, sessionCookie] request, next in
            guard let token = sessionCookie.value(in: request),
                let session = sessions.remembered(token: token, seen: request.seen)
            else { return nil }
            var request = request
            request[CurrentSession.self] = session
            return next(request)
        }) { [sessions, sessionCookie] request, next in
            guard let token = sessionCookie.value(in: request),
                let session = try await sessions.find(token: token, seen: request.seen)
            else { throw Self.notSignedIn }
            var request = request
            request[CurrentSession.self] = session
            return try await next(request)
        }
    }

    static var notSignedIn: HTTPError { HTTPError(401, "not_signed_in", "Sign in with Discord first.") }

    /// Counts one more request against the user's allowance.
    ///
    /// - Parameter allowance: `nil` for any number of requests.
    /// - Throws: `HTTPError` 429 `too_many_requests` with `Retry-After`.
    static func limit(_ request: Request, _ allowance: Allowance?) async throws {
        guard let seconds = await allowance?.take(request.user) else { return }
        throw tooMany("You are doing that too often. Try again in \(seconds) s.", after: seconds)
    }

    /// The same for somebody who isn't signed in, by the address that they come from.
    ///
    static func limit(clientOf request: Request, _ allowance: Allowance?) async throws {
        guard let seconds = await allowance?.take(IPNetwork.client(at: request.remoteAddress)) else { return }
        throw tooMany(
            "There have been too many sign-ins from your network just now. Try again in \(seconds) s.", after: seconds)
    }

    private static func tooMany(_ message: String, after seconds: Int64) -> HTTPError {
        HTTPError(429, "too_many_requests", message, headers: ["retry-after": "\(seconds)"])
    }
}
