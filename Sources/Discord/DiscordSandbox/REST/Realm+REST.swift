import Core
import Web

extension Realm {
    /// Answers one request of the REST API: checks version, faults, caller and limits, then runs the route.
    package func respond(to request: APIRequest) -> APIResponse {
        transaction { state in
            var response = state.respond(to: request)
            response.headers.append(("Via", "1.1 google"))
            response.latency = state.faults.latency
            return response
        }
    }
}

extension Realm.State {
    fileprivate mutating func respond(to request: APIRequest) -> APIResponse {
        guard let pieces = Self.pieces(of: request.path) else { return Self.failure(.notFound) }
        let path = "/" + pieces.joined(separator: "/")
        if let status = faults.takeServerError(path: path) {
            return APIResponse(
                status: status, body: ["message": .string("\(status): Service Unavailable"), "code": 0])
        }
        if let fault = faults.takeRateLimit(path: path) { return Self.limited(fault) }
        // Discord's edge refuses clients without a user agent.
        guard let agent = request.userAgent, !agent.isEmpty else {
            return APIResponse(status: 403, body: ["message": "error code: 1010", "code": 0])
        }
        let fitting = Route.all.compactMap { route in route.match(pieces).map { (route, $0) } }
        guard !fitting.isEmpty else { return Self.failure(.notFound) }
        guard let (route, parameters) = fitting.first(where: { $0.0.method == request.method }) else {
            var response = Self.failure(.methodNotAllowed)
            response.headers.append(("Allow", fitting.map(\.0.method).joined(separator: ", ")))
            return response
        }
        var headers: [(name: String, value: String)] = []
        do {
            let caller = try caller(request.authorization, for: route.access)
            if let refused = limit(route, parameters, caller, &headers) { return refused }
            let call = try call(request, route, parameters, caller)
            let reply = try route.handler(&self, call)
            return APIResponse(status: reply.status, headers: headers, body: reply.body)
        } catch {
            var response = Self.failure(error)
            response.headers += headers
            return response
        }
    }

    /// The path's segments behind `/api` and the version, percent-decoded.
    private static func pieces(of path: String) -> [Substring]? {
        var pieces = path.split(separator: "/")
        guard pieces.first == "api" else { return nil }
        pieces.removeFirst()
        if let version = pieces.first, version.first == "v", let number = Int(version.dropFirst()) {
            guard (9...10).contains(number) else { return nil }
            pieces.removeFirst()
        }
        let decoded = pieces.compactMap { PercentEncoding.decode($0).map { Substring($0) } }
        return decoded.count == pieces.count ? decoded : nil
    }

    private mutating func caller(_ authorization: String?, for access: Route.Access) throws(Refusal) -> Caller {
        if case .open = access { return .nobody }
        guard let authorization, let space = authorization.firstIndex(of: " ") else { throw .unauthorized }
        let scheme = authorization[..<space].lowercased()
        let token = String(authorization[authorization.index(after: space)...])
        switch scheme {
        case "bot":
            if case .user = access { throw .unauthorized }
            guard let application = world.application(forToken: token) else { throw .unauthorized }
            return .bot(application.id)
        case "bearer":
            guard let grant = grants.grant(accessToken: token, now: world.now) else { throw .unauthorized }
            switch access {
            case .user(let scopes), .botOrUser(let scopes):
                guard scopes.isEmpty || !scopes.isDisjoint(with: grant.scopes) else { throw .invalidToken }
                return .user(grant.userID, scopes: grant.scopes, applicationID: grant.applicationID)
            default: throw .unauthorized
            }
        default: throw .unauthorized
        }
    }

    /// Counts the request, and refuses it when a limit is used up.
    private mutating func limit(
        _ route: Route, _ parameters: [String: String], _ caller: Caller,
        _ headers: inout [(name: String, value: String)]
    ) -> APIResponse? {
        guard let rule = route.rule else { return nil }
        let name =
            switch caller {
            case .bot(let id): "bot \(id)"
            case .user(let id, _, let application): "user \(id) \(application)"
            case .nobody: "nobody"
            }
        // Requests with an interaction's token are exempt from the limit over all routes.
        if caller != .nobody, let wait = limits.takeGlobal(caller: name, now: world.now) {
            return Self.limited(Faults.RateLimiting(count: 1, scope: "global", retryAfter: wait))
        }
        let usage = limits.take(
            rule, route: route.bucket, caller: name, major: route.major(parameters), now: world.now)
        headers += Self.headers(usage, now: world.now)
        guard !usage.isAllowed else { return nil }
        var response = Self.limited(
            Faults.RateLimiting(count: 1, scope: "user", retryAfter: .milliseconds(max(1, usage.resetAt - now))))
        response.headers += headers
        return response
    }

    private func call(
        _ request: APIRequest, _ route: Route, _ parameters: [String: String], _ caller: Caller
    ) throws(Refusal) -> Call {
        let type = request.contentType?.split(separator: ";").first?.lowercased() ?? ""
        var body = JSON.null
        var fields: [String: String] = [:]
        if type == "application/x-www-form-urlencoded" {
            guard let form = FormFields(encoded: String(decoding: request.body, as: UTF8.self)) else {
                throw Refusal(400, 50035, "Invalid Form Body")
            }
            for (name, value) in form.pairs { fields[name] = value }
        } else if type == "multipart/form-data" {
            guard let payload = Multipart.payload(request.body, contentType: request.contentType ?? "") else {
                throw Refusal(400, 50035, "Invalid Form Body")
            }
            body = try Self.parse(payload)
        } else if !request.body.isEmpty {
            guard type == "application/json" || type.isEmpty else {
                throw FormReport.refusal(
                    [], "CONTENT_TYPE_INVALID", "Expected \"Content-Type\" header to be one of {'application/json'}.")
            }
            body = try Self.parse(request.body)
        }
        return Call(
            method: request.method, parameters: parameters, query: request.query, body: body, caller: caller,
            fields: fields, basic: BasicCredentials.read(request.authorization), host: request.host)
    }

    private static func parse(_ bytes: [UInt8]) throws(Refusal) -> JSON {
        do { return try JSON(parsing: bytes) } catch { throw .malformedJSON }
    }

    static func failure(_ refusal: Refusal) -> APIResponse {
        if let wait = refusal.retryAfter {
            return limited(Faults.RateLimiting(count: 1, scope: "user", retryAfter: wait))
        }
        return APIResponse(status: refusal.status, body: refusal.json)
    }

    private static func headers(_ usage: RateLimits.Usage, now: Int64) -> [(name: String, value: String)] {
        [
            ("X-RateLimit-Limit", String(usage.limit)), ("X-RateLimit-Remaining", String(usage.remaining)),
            ("X-RateLimit-Reset", seconds(usage.resetAt)),
            ("X-RateLimit-Reset-After", seconds(max(0, usage.resetAt - now))),
            ("X-RateLimit-Bucket", usage.bucket),
        ]
    }

    /// A 429 with all headers and fields that clients read.
    static func limited(_ fault: Faults.RateLimiting) -> APIResponse {
        let isGlobal = fault.scope == "global"
        let milliseconds = fault.retryAfter.milliseconds
        var headers: [(name: String, value: String)] = [
            // Whole seconds, rounded up; the body has the exact time.
            ("Retry-After", String((milliseconds + 999) / 1000)), ("X-RateLimit-Scope", fault.scope),
        ]
        if isGlobal { headers.append(("X-RateLimit-Global", "true")) }
        let message =
            fault.scope == "shared" ? "The resource is being rate limited." : "You are being rate limited."
        return APIResponse(
            status: 429, headers: headers,
            body: [
                "message": .string(message), "retry_after": .number(Double(milliseconds) / 1000),
                "global": .bool(isGlobal),
            ])
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
