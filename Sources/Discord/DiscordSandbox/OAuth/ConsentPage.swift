import Core
import Web
import Wire

/// The consent page, `/oauth2/authorize`: the user chooses who they are and consents. Also installs bots (`scope=bot`).
///
/// A form with `sandbox_user=<id>`, sent to the same address, consents as that user: the page's button does so, and so may programs.
/// No address does so by itself, since any page could lead a browser there.
struct ConsentPage: Sendable {
    let realm: Realm
    /// Sites that may show the page in a frame. Discord permits none; a demonstration that shows both sides needs one.
    let frameAncestors: [String]

    /// A valid request.
    private struct Ask {
        let application: Application
        let scopes: Set<String>
        let redirectURI: String?
        let state: String?
        let permissions: Permissions
        let guildID: UInt64?
        let challenge: (text: String, isHashed: Bool)?

        var installsBot: Bool { scopes.contains("bot") }
    }

    private struct Fault: Error {
        let message: String
    }

    private static let scopes: Set<String> = [
        "identify", "email", "guilds", "guilds.join", "guilds.members.read", "bot", "applications.commands",
        "connections", "openid", "webhook.incoming", "role_connections.write",
    ]

    func respond(to request: Request) -> Response {
        do {
            let query = try request.query
            let decision = try decision(request)
            let ask = try check(query, guild: decision["guild_id"])
            if decision["decision"] == "deny" { return refused(ask) }
            let remembered = request.cookies["sandbox_user"].flatMap { JSON.string($0).snowflake }
            if let text = decision["sandbox_user"] {
                guard let user = JSON.string(text).snowflake else { throw Fault(message: "sandbox_user is not an id.") }
                return try consent(ask, as: user)
            }
            if query["prompt"] == "none", let remembered { return try consent(ask, as: remembered) }
            return page(ask, remembered: remembered)
        } catch let fault as Fault {
            return fault.message.isEmpty ? page("") : page(fault.message, status: 400)
        } catch let error as HTTPError {
            return page(error.message, status: error.status)
        } catch {
            return page("Something went wrong.", status: 500)
        }
    }

    /// What the page's form says; nothing where the page is only asked for.
    private func decision(_ request: Request) throws -> FormFields {
        guard request.method == "POST" else { return FormFields([]) }
        guard request.contentType == "application/x-www-form-urlencoded",
            let fields = FormFields(encoded: String(decoding: request.body, as: UTF8.self))
        else { throw Fault(message: "The decision must be sent as a form.") }
        return fields
    }

    private func check(_ query: FormFields, guild: String?) throws -> Ask {
        guard let id = query["client_id"].flatMap({ JSON.string($0).snowflake }),
            let application = realm.transaction({ $0.world.applications[id] })
        else { throw Fault(message: "The sandbox knows no application with this client_id.") }
        let scopes = Set((query["scope"] ?? "").split(separator: " ").map(String.init))
        guard !scopes.isEmpty else { throw Fault(message: "The scope is missing.") }
        if let strange = scopes.subtracting(Self.scopes).min() { throw Fault(message: "Unknown scope: \(strange)") }
        let redirectURI = query["redirect_uri"]
        let returns = query["response_type"] != nil || redirectURI != nil || !scopes.contains("bot")
        if returns {
            guard query["response_type"] ?? "code" == "code" else {
                throw Fault(message: "The sandbox supports response_type=code only.")
            }
            guard let redirectURI else { throw Fault(message: "The redirect_uri is missing.") }
            let isKnown = application.redirectURIs?.contains(redirectURI) ?? Self.isLocal(redirectURI)
            guard isKnown else {
                throw Fault(message: "The redirect_uri is not one of those registered with the application.")
            }
        }
        var challenge: (text: String, isHashed: Bool)?
        if let text = query["code_challenge"] { challenge = (text, query["code_challenge_method"] == "S256") }
        return Ask(
            application: application, scopes: scopes, redirectURI: redirectURI, state: query["state"],
            permissions: Permissions(rawValue: query["permissions"].flatMap { UInt64($0) } ?? Permissions.bot.rawValue),
            guildID: (guild ?? query["guild_id"]).flatMap { JSON.string($0).snowflake }, challenge: challenge)
    }

    /// Applications that were created from a token may redirect to this machine only.
    private static func isLocal(_ uri: String) -> Bool {
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { prefix in
            guard uri.hasPrefix(prefix) else { return false }
            return uri.dropFirst(prefix.count).first.map { ":/?".contains($0) } ?? true
        }
    }

    private func consent(_ ask: Ask, as userID: UInt64) throws -> Response {
        let now = realm.transaction { $0.now }
        let code = try realm.transaction { state -> String? in
            guard let user = state.world.users[userID], !user.isBot else {
                throw Fault(message: "There is no sandbox user \(userID).")
            }
            if ask.installsBot {
                guard let guildID = ask.guildID, let guild = state.world.guilds[guildID] else {
                    throw Fault(message: "Choose a server to add the application to (guild_id).")
                }
                guard state.world.permissions(of: userID, in: guildID).contains(.manageGuild) else {
                    throw Fault(message: "\(user.globalName ?? user.username) may not manage \(guild.name).")
                }
                _ = state.world.install(ask.application.id, in: guildID, permissions: ask.permissions)
            }
            guard let redirectURI = ask.redirectURI else { return nil }
            return state.grants.issueCode(
                OAuthGrants.Code(
                    userID: userID, applicationID: ask.application.id, scopes: ask.scopes, redirectURI: redirectURI,
                    challenge: ask.challenge, expiresAt: now + OAuthGrants.codeLifetime.milliseconds,
                    guildID: ask.installsBot ? ask.guildID : nil), now: now)
        }
        let cookie = "sandbox_user=\(userID); Path=/oauth2; HttpOnly; SameSite=Lax"
        guard let code, let redirectURI = ask.redirectURI else {
            var response = page(
                title: "Authorised",
                "<p role=\"status\">\(HTMLEscaping.escape(ask.application.name)) was added. You can close this page.</p>"
            )
            response.headers.add("set-cookie", cookie)
            return response
        }
        var pairs = [(name: "code", value: code)]
        if let text = ask.state { pairs.append(("state", text)) }
        if ask.installsBot, let guildID = ask.guildID {
            pairs.append(("guild_id", String(guildID)))
            pairs.append(("permissions", String(ask.permissions.rawValue)))
        }
        var response = Response.redirect(to: Self.extend(redirectURI, pairs))
        response.headers.add("set-cookie", cookie)
        return response
    }

    private func refused(_ ask: Ask) -> Response {
        guard let redirectURI = ask.redirectURI else { return page("Nothing was authorised.", status: 200) }
        var pairs = [
            (name: "error", value: "access_denied"),
            (name: "error_description", value: "The resource owner or authorization server denied the request"),
        ]
        if let text = ask.state { pairs.append(("state", text)) }
        return .redirect(to: Self.extend(redirectURI, pairs))
    }

    private static func extend(_ uri: String, _ pairs: [(name: String, value: String)]) -> String {
        uri + (uri.contains("?") ? "&" : "?") + FormFields(pairs).encoded
    }

    // MARK: The page

    private static let meanings = [
        "identify": "know your name and picture", "email": "know your e-mail address",
        "guilds": "know which servers you are in", "guilds.members.read": "know your roles in your servers",
        "bot": "add a bot to a server", "applications.commands": "offer commands",
    ]

    private func page(_ ask: Ask, remembered: UInt64?) -> Response {
        let (people, guilds) = realm.transaction { state in
            (
                state.world.users.values.filter { !$0.isBot && !Seed.Crowd.contains(user: $0.id) }.sorted {
                    $0.id < $1.id
                },
                state.world.guildOrder.compactMap { state.world.guilds[$0] }
            )
        }
        let chosen = remembered ?? people.first?.id
        var html = "<p>It wants to:</p><ul>"
        for scope in ask.scopes.sorted() { html += "<li>\(HTMLEscaping.escape(Self.meanings[scope] ?? scope))</li>" }
        // Without an address of its own the form goes to the page's, with what is asked for.
        html += "</ul><form method=\"post\">"
        html += "<fieldset><legend>Who are you?</legend>"
        for person in people {
            html += """
                <label><input type="radio" name="sandbox_user" value="\(person.id)"\
                \(person.id == chosen ? " checked" : "")>\
                <span>\(HTMLEscaping.escape(person.globalName ?? person.username))</span></label>
                """
        }
        html += "</fieldset>"
        if ask.installsBot {
            html += "<label class=\"guild\">Add to server <select name=\"guild_id\">"
            for guild in guilds {
                let selected = guild.id == ask.guildID ? " selected" : ""
                html += "<option value=\"\(guild.id)\"\(selected)>\(HTMLEscaping.escape(guild.name))</option>"
            }
            html += "</select></label>"
        }
        html += """
            <div class="actions"><button name="decision" value="allow">Authorise</button>\
            <button name="decision" value="deny" class="quiet">Cancel</button></div></form>
            """
        return page(title: "\(ask.application.name) wants to come in", html)
    }

    private func page(_ message: String, status: Int = 200) -> Response {
        page(
            title: status == 200 ? "Discord sandbox" : "Invalid request",
            "<p role=\"alert\">\(HTMLEscaping.escape(message))</p>",
            status: status)
    }

    private func page(title: String, _ content: String, status: Int = 200) -> Response {
        var response = Response.html(
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width, initial-scale=1">\
            <title>\(HTMLEscaping.escape(title)) · Discord sandbox</title><link rel="stylesheet" href="/consent.css"></head>\
            <body><main><p class="brand">Discord sandbox</p><h1>\(HTMLEscaping.escape(title))</h1>\(content)</main></body></html>
            """, status: status)
        // The form's answer redirects to another site, so form-action can't be restricted.
        let ancestors = frameAncestors.isEmpty ? "'none'" : frameAncestors.joined(separator: " ")
        response.headers["content-security-policy"] =
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors \(ancestors)"
        response.headers["cache-control"] = "no-store"
        // Its own form must name its origin.
        response.headers["referrer-policy"] = "same-origin"
        response.headers["x-content-type-options"] = "nosniff"
        return response
    }
}
