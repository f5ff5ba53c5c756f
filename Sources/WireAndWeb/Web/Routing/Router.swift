package import Core
import Synchronization
import Wire

/// Which handler answers which request, and the middleware around them.
///
/// Paths are split at slashes first and percent-decoded after, so that an encoded slash stays part of its segment. Build the
/// router before the server starts; every loop reads it.
package final class Router: Sendable {
    /// What happens to `/rooms/` where only `/rooms` has a route (and the other way round).
    package enum TrailingSlash: Sendable { case redirect, ignore }

    private struct Table: Sendable {
        var tree = RouteTree()
        var middleware: [Middleware] = []
        /// The middleware around everything, put together; nil while there is none.
        var chain: Handler?
        var mappings: [@Sendable (any Error) -> HTTPError?] = []
    }

    package let trailingSlash: TrailingSlash
    private let log: Log
    private let table = Mutex(Table())

    package init(trailingSlash: TrailingSlash = .redirect, log: Log = .none) {
        self.trailingSlash = trailingSlash
        self.log = log
    }

    /// Puts middleware around everything, also around answers for addresses that don't exist. The first added is the
    /// outermost.
    package func use(_ middleware: Middleware...) {
        table.withLock { table in
            table.middleware += middleware
            let route: Handler = { [unowned self] in await answer($0) { try await dispatch($0) } }
            table.chain = table.middleware.reversed().reduce(route) { next, middleware in
                { [unowned self] in await answer($0) { try await middleware($0, next) } }
            }
        }
    }

    /// Says which answer an error from below becomes; the first mapping that isn't nil counts. An error that none knows
    /// is a 500 whose details stay in the log. Errors of a handler that was cancelled, because its client has gone, are
    /// nobody's: the answer is 499, which is never sent.
    package func mapErrors(_ mapping: @escaping @Sendable (any Error) -> HTTPError?) {
        table.withLock { $0.mappings.append(mapping) }
    }

    /// Adds a route: `/rooms/:id` matches one segment, `/files/*path` all that remain.
    package func on(_ method: String, _ path: String, _ handler: @escaping Handler) {
        let pattern = RoutePattern(path)
        table.withLock { $0.tree.insert(method, pattern, handler) }
    }

    package func get(_ path: String, _ handler: @escaping Handler) { on("GET", path, handler) }
    package func post(_ path: String, _ handler: @escaping Handler) { on("POST", path, handler) }
    package func put(_ path: String, _ handler: @escaping Handler) { on("PUT", path, handler) }
    package func patch(_ path: String, _ handler: @escaping Handler) { on("PATCH", path, handler) }
    package func delete(_ path: String, _ handler: @escaping Handler) { on("DELETE", path, handler) }

    /// Routes that share the beginning of their path and the middleware around them.
    package func group(_ prefix: String = "", _ middleware: Middleware...) -> RouteGroup {
        RouteGroup(router: self, prefix: prefix, middleware: middleware)
    }

    /// The answer to `request`, whatever happens on the way.
    package func respond(to request: Request) async -> Response {
        let chain = table.withLock { $0.chain }
        var response = await answer(request) { [self] in
            if let chain { try await chain($0) } else { try await dispatch($0) }
        }
        response.headers[RequestIdentifier.header] = request.id
        return request.method == "HEAD" ? response.withoutBody() : response
    }

    /// `middleware` around `handler`, the first outermost, with errors turned into answers between them.
    func wrap(_ handler: @escaping Handler, in middleware: [Middleware]) -> Handler {
        middleware.reversed().reduce(handler) { next, middleware in
            { [unowned self] request in try await middleware(request) { inner in await answer(inner, next) } }
        }
    }

    private func answer(_ request: Request, _ handler: Handler) async -> Response {
        do {
            let response = try await handler(request)
            return Task.isCancelled && response.status >= 500 ? .abandoned : response
        } catch {
            return self.response(for: error, request)
        }
    }

    private func dispatch(_ request: Request) async throws -> Response {
        if request.path == "*", request.method == "OPTIONS" { return .noContent }
        guard let segments = Self.segments(of: request.path) else {
            throw HTTPError(400, "malformed_path", "The address isn't properly encoded.")
        }
        let tree = table.withLock { $0.tree }
        guard let match = tree.match(segments) ?? (trailingSlash == .ignore ? tree.match(Self.toggled(segments)) : nil)
        else {
            if trailingSlash == .redirect, !Self.looksLikeHost(request.path),
                tree.match(Self.toggled(segments)) != nil
            {
                let path = request.path.hasSuffix("/") ? String(request.path.dropLast()) : request.path + "/"
                return .redirect(
                    to: path + (request.rawQuery.isEmpty ? "" : "?" + request.rawQuery), status: 308)
            }
            throw HTTPError(404, "not_found", "There is nothing at this address.")
        }
        if let route = match.routes[request.method] ?? (request.method == "HEAD" ? match.routes["GET"] : nil) {
            var request = request
            request.parameters = Dictionary(uniqueKeysWithValues: zip(route.names, match.values))
            return try await route.handler(request)
        }
        var allow = Headers()
        allow["allow"] = Self.allowed(match.routes.keys)
        if request.method == "OPTIONS" { return Response(status: 204, headers: allow) }
        throw HTTPError(405, "method_not_allowed", "This address doesn't support \(request.method).", headers: allow)
    }

    private func response(for error: any Error, _ request: Request) -> Response {
        if let error = error as? HTTPError, error.status < 500 || !Task.isCancelled { return .error(error) }
        // Nobody is left to be answered, and that may be all that went wrong.
        if Task.isCancelled {
            log.debug("a handler was cancelled", ["request": request.id, "path": request.path, "error": "\(error)"])
            return .abandoned
        }
        let mappings = table.withLock { $0.mappings }
        for mapping in mappings {
            if let mapped = mapping(error) { return .error(mapped) }
        }
        log.error(
            "a handler failed",
            ["request": request.id, "method": request.method, "path": request.path, "error": "\(error)"])
        return .error(
            status: 500, code: "internal_error",
            message: "Something went wrong on our side. If it happens again, report the request \(request.id).")
    }

    private static func allowed(_ methods: some Sequence<String>) -> String {
        var names = Set(methods)
        if names.contains("GET") { names.insert("HEAD") }
        names.insert("OPTIONS")
        return names.sorted().joined(separator: ", ")
    }

    /// The decoded segments; nil when the path isn't well-formed or tries to climb.
    private static func segments(of path: String) -> [String]? {
        guard path.hasPrefix("/") else { return nil }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = PercentEncoding.decode(part), segment != ".", segment != "..", !segment.contains("\0")
            else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// Whether a browser that is sent there would take the path for another site's address: it reads `\` as `/`.
    private static func looksLikeHost(_ path: String) -> Bool {
        path.utf8.dropFirst().first.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") } ?? false
    }

    private static func toggled(_ segments: [String]) -> [String] {
        segments.last == "" && segments.count > 1 ? segments.dropLast() : segments + [""]
    }
}
