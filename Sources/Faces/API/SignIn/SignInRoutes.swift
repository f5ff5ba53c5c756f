import Core
import DiscordCommunity
import Guilds
import Web
import Wire

extension WebAPI {
    func registerSignIn(on api: inout RouteGroup) {
        api.get("/auth/login") { request in
            try await Self.showingErrors(to: request) {
                try await Self.limit(clientOf: request, logins)
                return try beginSignIn(request)
            }
        }
        api.get("/auth/callback") { request in
            try await Self.showingErrors(to: request) {
                try await Self.limit(clientOf: request, callbacks)
                return try await finishSignIn(request)
            }
        }
        api.post("/auth/logout") { request in
            if let token = request.cookies[CurrentSession.cookie], let session = try await sessions.find(token: token) {
                try await accounts.signOut(session)
            }
            return Response.noContent.settingCookie(
                .removal(of: CurrentSession.cookie, isSecure: request.isSecure))
        }
    }

    private func beginSignIn(_ request: Request) throws -> Response {
        let returnTo = try request.query["return_to"] ?? "/"
        guard SignIns.isOwnPath(returnTo) else {
            throw HTTPError(
                422, "invalid_return_to", "The return address must be a path on this site, such as /games.")
        }
        let begun = try signIns.begin(returnTo: returnTo, binding: request.cookies[SignIns.cookie])
        return .redirect(to: accounts.authorizationURL(state: begun.state))
            .settingCookie(signInCookie(begun.binding, for: request))
    }

    private func finishSignIn(_ request: Request) async throws -> Response {
        let query = try request.query
        guard let state = query["state"],
            let signIn = signIns.returned(state: state, binding: request.cookies[SignIns.cookie]),
            SignIns.isOwnPath(signIn.returnTo)
        else { throw Self.invalidState }
        // Not used up by anybody who has to come again.
        let started = try await line.complete { () -> StartedSession? in
            guard try await sessions.use(signIn: state, until: signIn.expiry) else { throw Self.invalidState }
            guard let code = query["code"], !code.isEmpty, code.utf8.count <= 512 else { return nil }
            return try await startSession(code: code)
        }
        // The user declined, or Discord failed: back to where they were.
        guard let started else { return .redirect(to: signIn.returnTo) }
        // A browser has one session: its former one ends.
        if let token = request.cookies[CurrentSession.cookie], let former = try await sessions.find(token: token) {
            try await sessions.end(former)
        }
        return .redirect(to: signIn.returnTo).settingCookie(sessionCookie(started, for: request))
    }

    private static var invalidState: HTTPError {
        HTTPError(
            400, "invalid_state",
            "This sign-in was started elsewhere, has expired, or was already completed. Please start again.")
    }

    private func startSession(code: String) async throws -> StartedSession {
        do {
            return try await accounts.signIn(code: code)
        } catch is SignInRefused {
            throw HTTPError(400, "invalid_code", "Discord doesn't recognize this sign-in. Please start again.")
        } catch let error as DiscordUnavailable {
            log.warning("signing in failed", ["error": "\(error)"])
            throw HTTPError(502, error.code, error.message)
        }
    }

    /// Browsers come here, and back from Discord, by themselves, so they get errors as a page.
    private static func showingErrors(
        to request: Request, _ respond: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await respond()
        } catch let error as HTTPError where request.headers.lists("text/html", in: "accept") {
            return page(for: error)
        }
    }

    private static func page(for error: HTTPError) -> Response {
        var response = Response.html(
            """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Sign-in failed</title>
            <h1>Sign-in failed</h1>
            <p>\(error.message)</p>
            <p><a href="/">Back to Tandem</a></p>
            </html>

            """, status: error.status)
        response.headers.append(contentsOf: error.headers)
        return response
    }

    /// Sent only with the request that comes back from Discord.
    private func signInCookie(_ binding: String, for request: Request) -> Cookie {
        Cookie(
            SignIns.cookie, binding, path: "/api/v1/auth", maxAge: SignIns.lifetime,
            isSecure: request.isSecure)
    }
}
