import Core
import DiscordCommunity
import Guilds
import Web
import Wire

extension WebAPI {
    func registerSignIn(on api: inout RouteGroup) {
        api.get("/auth/login") { request in
            let returnTo = try request.query["return_to"] ?? "/"
            guard SignIns.isOwnPath(returnTo) else {
                throw HTTPError(
                    422, "invalid_return_to", "The return address must be a path on this site, such as /games.")
            }
            let begun = try signIns.begin(returnTo: returnTo, binding: request.cookies[SignIns.cookie])
            return .redirect(to: accounts.authorizationURL(state: begun.state))
                .settingCookie(signInCookie(begun.binding, for: request))
        }
        api.get("/auth/callback") { request in
            do {
                return try await finishSignIn(request)
            } catch let error as HTTPError where request.headers.lists("text/html", in: "accept") {
                return Self.page(for: error)
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

    private func finishSignIn(_ request: Request) async throws -> Response {
        let query = try request.query
        guard let state = query["state"],
            let signIn = signIns.returned(state: state, binding: request.cookies[SignIns.cookie]),
            SignIns.isOwnPath(signIn.returnTo), try await sessions.use(signIn: state, until: signIn.expiry)
        else {
            throw HTTPError(
                400, "invalid_state",
                "This sign-in was started elsewhere, has expired, or was already completed. Please start again.")
        }
        guard let code = query["code"], !code.isEmpty, code.utf8.count <= 512 else {
            // The user declined, or Discord failed: back to where they were.
            return .redirect(to: signIn.returnTo)
        }
        let started = try await startSession(code: code)
        // A browser has one session: its former one ends.
        if let token = request.cookies[CurrentSession.cookie], let former = try await sessions.find(token: token) {
            try await sessions.end(former)
        }
        return .redirect(to: signIn.returnTo).settingCookie(sessionCookie(started, for: request))
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

    /// Browsers come back from Discord by a redirect, so they get the error as a page.
    private static func page(for error: HTTPError) -> Response {
        .html(
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
    }

    /// Sent only with the request that comes back from Discord.
    private func signInCookie(_ binding: String, for request: Request) -> Cookie {
        Cookie(
            SignIns.cookie, binding, path: "/api/v1/auth", maxAge: SignIns.lifetime,
            isSecure: request.isSecure)
    }
}
