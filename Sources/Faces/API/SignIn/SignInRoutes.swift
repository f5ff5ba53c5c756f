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
            for token in sessionCookie.allValues(in: request) {
                if let session = try await sessions.find(token: token) { try await accounts.signOut(session) }
            }
            return signedOut(request)
        }
    }

    /// The response after which this browser is signed out.
    func signedOut(_ request: Request) -> Response {
        // Of what a browser may hold, only the cache: its cookies are those of the whole domain, and its storage also holds what
        // somebody on this device has chosen, and whom to tell in other tabs.
        var response = Response.noContent.setting("clear-site-data", "\"cache\"")
        sessionCookie.remove(on: &response, to: request)
        return response
    }

    private func beginSignIn(_ request: Request) throws -> Response {
        let returnTo = try request.query["return_to"] ?? "/"
        guard SignIns.isOwnPath(returnTo) else {
            throw HTTPError(
                422, "invalid_return_to", "The return address must be a path on this site, such as /games.")
        }
        let begun = try signIns.begin(returnTo: returnTo, binding: signInCookie.value(in: request))
        var response = Response.redirect(to: accounts.authorizationURL(state: begun.state, verifier: begun.verifier))
        signInCookie.set(begun.binding, maxAge: SignIns.lifetime, on: &response, to: request)
        return response
    }

    private func finishSignIn(_ request: Request) async throws -> Response {
        let query = try request.query
        guard let state = query["state"],
            let signIn = signIns.returned(state: state, binding: signInCookie.value(in: request)),
            SignIns.isOwnPath(signIn.returnTo)
        else {
            guard let home = try await returnOfSignedIn(request) else { throw Self.invalidState }
            return .redirect(to: home)
        }
        var response = Response.redirect(to: signIn.returnTo)
        // Not used up by anybody who has to come again.
        let started = try await line.complete { () -> StartedSession? in
            guard try await sessions.use(signIn: state, until: signIn.expiry) else { throw Self.invalidState }
            guard let code = query["code"], !code.isEmpty, code.utf8.count <= 512 else { return nil }
            return try await startSession(
                code: code, verifier: signIn.verifier, browser: BrowserName.words(for: request.headers["user-agent"]))
        }
        // The user declined, or Discord failed: back to where they were.
        guard let started else { return response }
        signInCookie.remove(on: &response, to: request)
        // A browser has one session: its former one ends.
        for token in sessionCookie.allValues(in: request) {
            if let former = try await sessions.find(token: token) { try await sessions.end(former) }
        }
        sessionCookie.set(
            started.token.revealed, maxAge: .milliseconds(started.session.endsAt - time.milliseconds), on: &response,
            to: request)
        return response
    }

    /// Where a browser goes whose sign-in can't be completed though it's signed in: in another tab, or by this very address, which
    /// is loaded again. The path leads to our own pages only, so it needs no signature.
    private func returnOfSignedIn(_ request: Request) async throws -> String? {
        guard let token = sessionCookie.value(in: request), try await sessions.find(token: token) != nil else {
            return nil
        }
        let path = try request.query["state"].flatMap(SignIns.claimedReturn)
        return path.flatMap { SignIns.isOwnPath($0) ? $0 : nil }
    }

    private static var invalidState: HTTPError {
        HTTPError(
            400, "invalid_state",
            "This sign-in was started elsewhere, has expired, or was already completed. Please start again.")
    }

    private func startSession(code: String, verifier: Secret, browser: String) async throws -> StartedSession {
        do {
            return try await accounts.signIn(code: code, verifier: verifier, browser: browser)
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
}
