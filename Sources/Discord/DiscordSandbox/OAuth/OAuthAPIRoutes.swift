import Core

/// `/oauth2` under the API: exchanging, refreshing and revoking tokens, and the current authorization.
///
/// The token endpoints report errors in OAuth2's form (RFC 6749, section 5.2), not in Discord's.
enum OAuthAPIRoutes {
    static let all: [Route] = [
        Route("GET", "/oauth2/applications/@me", limit: 10) { state, call throws(Refusal) in
            guard let application = state.world.applications[call.bot] else { throw .unknown(.application) }
            return .ok(state.world.json(application))
        },
        Route("GET", "/oauth2/@me", .botOrUser(scopes: []), limit: 10) { state, call throws(Refusal) in
            guard case .user(let id, let scopes, let applicationID) = call.caller,
                let application = state.world.applications[applicationID]
            else { throw .unauthorized }
            var json: JSON = [
                "application": state.world.partialJSON(application),
                "scopes": .array(scopes.sorted().map { .string($0) }),
                "expires": .string(Timestamp.format(state.now + OAuthGrants.tokenLifetime.milliseconds)),
            ]
            if scopes.contains("identify") { json["user"] = state.world.userJSON(id) }
            return .ok(json)
        },
        Route("POST", "/oauth2/token", .open, limit: nil) { state, call in token(&state, call) },
        Route("POST", "/oauth2/token/revoke", .open, limit: nil) { state, call in
            guard let application = client(state, call) else { return failure(401, "invalid_client") }
            guard let token = call.fields["token"], !token.isEmpty else {
                return failure(400, "invalid_request", "Missing \"token\" in request.")
            }
            state.grants.revoke(token, applicationID: application.id)
            return .ok([:])
        },
    ]

    private static func failure(_ status: Int, _ error: String, _ description: String? = nil) -> Reply {
        var body: JSON = ["error": .string(error)]
        if let description { body["error_description"] = .string(description) }
        return Reply(status: status, body: body)
    }

    /// Returns the application whose id and secret the request has, in its form or as `Authorization: Basic`.
    private static func client(_ state: Realm.State, _ call: Call) -> Application? {
        guard let name = call.basic?.name ?? call.fields["client_id"],
            let secret = call.basic?.password ?? call.fields["client_secret"],
            let application = JSON.string(name).snowflake.flatMap({ state.world.applications[$0] })
        else { return nil }
        // An application that was created from its bot token has no secret to check.
        return application.clientSecret == nil && !secret.isEmpty || application.clientSecret == secret
            ? application : nil
    }

    private static func token(_ state: inout Realm.State, _ call: Call) -> Reply {
        guard call.fields["grant_type"] != nil else {
            return failure(400, "invalid_request", "Missing \"grant_type\" in request.")
        }
        guard let application = client(state, call) else { return failure(401, "invalid_client") }
        switch call.fields["grant_type"] {
        case "authorization_code":
            guard let text = call.fields["code"], !text.isEmpty else {
                return failure(400, "invalid_request", "Missing \"code\" in request.")
            }
            guard let code = state.grants.redeem(text, now: state.world.now), code.applicationID == application.id
            else {
                return failure(400, "invalid_grant", "Invalid \"code\" in request.")
            }
            guard code.redirectURI == call.fields["redirect_uri"] ?? "" else {
                return failure(400, "invalid_grant", "Invalid \"redirect_uri\" in request.")
            }
            guard OAuthGrants.verifies(call.fields["code_verifier"], code.challenge) else {
                return failure(400, "invalid_grant", "Invalid \"code_verifier\" in request.")
            }
            var json = state.grants.issue(
                userID: code.userID, applicationID: application.id, scopes: code.scopes, now: state.world.now)
            if let guild = code.guildID.flatMap({ state.world.guilds[$0] }) { json["guild"] = state.world.json(guild) }
            return .ok(json)
        case "refresh_token":
            guard let token = call.fields["refresh_token"],
                let json = state.grants.refresh(token, applicationID: application.id, now: state.world.now)
            else { return failure(400, "invalid_grant", "Invalid \"refresh_token\" in request.") }
            return .ok(json)
        case "client_credentials":
            let scopes = Set((call.fields["scope"] ?? "").split(separator: " ").map(String.init))
            var json = state.grants.issue(
                userID: application.ownerID, applicationID: application.id, scopes: scopes, now: state.world.now)
            json["refresh_token"] = nil
            return .ok(json)
        default: return failure(400, "unsupported_grant_type")
        }
    }
}
