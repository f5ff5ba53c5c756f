import Core
import Web
import Wire

/// The sandbox's routes: Discord's API, gateway and consent page, the endpoints for scripts, and the chat page.
struct SandboxRoutes: Sendable {
    let realm: Realm
    /// The folder of all web pages, of which the chat page is one; `nil` without a chat page.
    let pages: (any FileSource)?
    let frameAncestors: [String]

    func add(to router: inout RouterBuilder) {
        addAPI(to: &router)
        addScripts(to: &router)
        let consent = ConsentPage(realm: realm, frameAncestors: frameAncestors)
        for address in ["/oauth2/authorize", "/api/oauth2/authorize"] {
            router.get(address) { consent.respond(to: $0) }
            router.post(address) { consent.respond(to: $0) }
        }
        router.get("/gateway") { try gateway($0) }
        var headers = SecurityHeaders().allowing("img-src", "'self'", "https:", "data:")
        headers.frameAncestors = ["'self'"] + frameAncestors
        router.group("", [headers.middleware]) { addPages(to: &$0) }
    }

    private func addPages(to framed: inout RouteGroup) {
        if let pages {
            let files = StaticFiles(pages.below("sandbox"))
            framed.get("/") { request in
                if isUpgrade(request) { return try gateway(request) }
                return try await files.respond(to: request, path: "")
            }
            for address in ["/channels/:guild/:channel", "/channels/:guild/:channel/:message"] {
                framed.get(address) { try deepLink($0) }
            }
            // The page imports `../shared/…`, which from the root of this server is `/shared/…`.
            framed.files("/shared", StaticFiles(pages.below("shared")))
            framed.files("/", files)
        } else {
            framed.get("/") { try gateway($0) }
        }
    }

    /// Links into Discord are `/channels/<guild>/<channel>/<message>`: they open the chat page at that channel.
    private func deepLink(_ request: Request) throws -> Response {
        let guild = try request.parameter("guild", as: UInt64.self)
        let channel = try request.parameter("channel", as: UInt64.self)
        return .redirect(to: "/?guild=\(guild)&channel=\(channel)")
    }

    // MARK: REST

    private func addAPI(to router: inout RouterBuilder) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            router.on(method, "/api/*path") { try await api($0) }
        }
    }

    private func api(_ request: Request) async throws -> Response {
        let answer = realm.respond(
            to: APIRequest(
                method: request.method, path: request.path, query: try request.query.pairs,
                authorization: request.headers["authorization"], userAgent: request.headers["user-agent"],
                contentType: request.headers["content-type"], host: request.host, body: request.body))
        if answer.latency > .zero { try await realm.time.sleep(for: answer.latency) }
        var headers = Headers()
        for (name, value) in answer.headers { headers.add(name, value) }
        guard let body = answer.body else { return Response(status: answer.status, headers: headers) }
        headers["content-type"] = "application/json"
        return Response(status: answer.status, headers: headers, body: .bytes(body.bytes))
    }

    // MARK: Gateway

    private func isUpgrade(_ request: Request) -> Bool { request.headers.lists("websocket", in: "upgrade") }

    private func gateway(_ request: Request) throws -> Response {
        guard isUpgrade(request) else {
            throw HTTPError(426, "upgrade_required", "The gateway speaks WebSocket.", headers: ["upgrade": "websocket"])
        }
        let query = try request.query
        if let encoding = query["encoding"], encoding != "json" {
            throw HTTPError(400, "unsupported_encoding", "The sandbox speaks encoding=json only.")
        }
        if let compression = query["compress"], compression != "zlib-stream" {
            throw HTTPError(400, "unsupported_compression", "The sandbox speaks compress=zlib-stream only.")
        }
        let compresses = query["compress"] != nil
        let isCurrentVersion = query["v"].map { $0 == "10" || $0 == "9" } ?? true
        let url = (request.isSecure ? "wss://" : "ws://") + request.host
        // Frames that the gateway refuses are let through to it, since it closes with its own code.
        var options = WebSocketOptions()
        options.maximumMessage = 256 * 1024
        return .webSocket(options) { [realm] socket in
            GatewayConnection.open(
                socket, realm: realm, gatewayURL: url, compresses: compresses, isCurrentVersion: isCurrentVersion)
        }
    }

    // MARK: Scripts

    private func addScripts(to router: inout RouterBuilder) {
        let script = Script(realm: realm)
        router.get("/sandbox/state") { request in
            let query = try request.query
            let viewer = query["user_id"].flatMap { JSON.string($0).snowflake }
            let limit = min(max(query["messages"].flatMap { Int($0) } ?? 100, 0), 1000)
            let guild = query["guild_id"].flatMap { JSON.string($0).snowflake }
            return answer(
                realm.transaction { WorldState.json($0, viewer: viewer, messageLimit: limit, guild: guild) })
        }
        router.get("/sandbox/interactions/:id") { request in
            try scripted { () throws(Refusal) in
                try script.outcome(of: JSON.string(request.parameters["id"] ?? "").snowflake ?? 0)
            }
        }
        router.get("/sandbox/events") { _ in
            .eventStream { [realm] stream in ChatStream.open(stream, realm: realm) }
        }
        router.get("/sandbox/faults") { _ in answer(script.faults()) }
        router.delete("/sandbox/faults") { _ in answer(script.resetFaults()) }
        let interactions: [(String, @Sendable (JSON) async throws(Refusal) -> JSON)] = [
            ("press", { (body) async throws(Refusal) in try await script.press(body) }),
            ("command", { (body) async throws(Refusal) in try await script.command(body) }),
            ("autocomplete", { (body) async throws(Refusal) in try await script.autocomplete(body) }),
            ("submit", { (body) async throws(Refusal) in try await script.submit(body) }),
        ]
        for (name, action) in interactions {
            router.post("/sandbox/\(name)") { request in
                do { return answer(try await action(try body(request))) } catch let refusal as Refusal {
                    throw Self.error(refusal)
                }
            }
        }
        let changes: [(String, @Sendable (JSON) throws(Refusal) -> JSON)] = [
            ("people", { (body) throws(Refusal) in try script.people(body) }),
            ("members", { (body) throws(Refusal) in try script.members(body) }),
            ("roles", { (body) throws(Refusal) in try script.roles(body) }),
            ("timeout", { (body) throws(Refusal) in try script.timeout(body) }),
            ("voice", { (body) throws(Refusal) in try script.voice(body) }),
            ("install", { (body) throws(Refusal) in try script.install(body) }),
            ("uninstall", { (body) throws(Refusal) in try script.uninstall(body) }),
            ("messages", { (body) throws(Refusal) in try script.message(body) }),
            ("delete", { (body) throws(Refusal) in try script.delete(body) }),
            ("faults", { (body) throws(Refusal) in try script.setFaults(body) }),
        ]
        for (name, change) in changes {
            router.post("/sandbox/\(name)") { request in
                let body = try body(request)
                return try scripted { () throws(Refusal) in try change(body) }
            }
        }
    }

    private func scripted(_ work: () throws(Refusal) -> JSON) throws -> Response {
        do { return answer(try work()) } catch { throw Self.error(error) }
    }

    private func body(_ request: Request) throws -> JSON {
        let type = request.headers["content-type"]?.split(separator: ";").first?.lowercased()
        guard type == "application/json" else {
            throw HTTPError(415, "unsupported_media_type", "The body must be application/json.")
        }
        do {
            let json = try JSON(parsing: request.body)
            guard json.isObject else { throw HTTPError(400, "invalid_body", "The body must be a JSON object.") }
            return json
        } catch let error as JSON.ParsingError {
            throw HTTPError(
                400, "malformed_json", "The body is not valid JSON: there is an error at byte \(error.offset).")
        }
    }

    private func answer(_ json: JSON) -> Response {
        var response = Response.bytes(json.bytes, type: "application/json")
        response.headers["cache-control"] = "no-store"
        return response
    }

    private static func error(_ refusal: Refusal) -> HTTPError {
        let codes = [400: "invalid_request", 403: "forbidden", 404: "not_found", 409: "conflict"]
        return HTTPError(refusal.status, codes[refusal.status] ?? "refused", refusal.message)
    }
}
