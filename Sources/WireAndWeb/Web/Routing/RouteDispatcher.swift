import Wire

/// Hands a request to the handler of its route.
struct RouteDispatcher: Sendable {
    let tree: RouteTree
    let trailingSlash: Router.TrailingSlash

    /// - Throws: `HTTPError` 400, 404 or 405 when no handler answers the request, otherwise what the handler throws.
    func respond(to request: Request) async throws -> Response {
        if request.path == "*", request.method == "OPTIONS" { return .noContent }
        if let match = tree.constant(request.path) { return try await respond(to: request, match) }
        guard let segments = RouteTree.segments(of: request.path) else {
            throw HTTPError(400, "malformed_path", "The address isn't properly encoded.")
        }
        guard
            let match = tree.match(segments)
                ?? (trailingSlash == .ignore ? tree.match(RouteTree.toggled(segments)) : nil)
        else {
            if trailingSlash == .redirect, !Self.looksLikeHost(request.path),
                tree.match(RouteTree.toggled(segments)) != nil
            {
                let path = request.path.hasSuffix("/") ? String(request.path.dropLast()) : request.path + "/"
                return .redirect(
                    to: path + (request.rawQuery.isEmpty ? "" : "?" + request.rawQuery), status: 308)
            }
            throw HTTPError(404, "not_found", "There is nothing at this address.")
        }
        return try await respond(to: request, match)
    }

    private func respond(to request: Request, _ match: RouteTree.Match) async throws -> Response {
        if let route = match.endpoint(for: request.method) {
            // Over a connection it hasn't come that far: `Router.bodyLimit`.
            guard request.body.count <= route.bodyLimit else {
                throw HTTPError(
                    413, "body_too_large", "The body has more than the \(route.bodyLimit) bytes accepted here.")
            }
            var request = request
            request.parameters = match.parameters(of: route)
            return try await route.handler(request)
        }
        var allow = Headers()
        allow["allow"] = Self.allowed(match.routes.keys)
        if request.method == "OPTIONS" { return Response(status: 204, headers: allow) }
        throw HTTPError(405, "method_not_allowed", "This address doesn't support \(request.method).", headers: allow)
    }

    private static func allowed(_ methods: some Sequence<String>) -> String {
        var names = Set(methods)
        if names.contains("GET") { names.insert("HEAD") }
        names.insert("OPTIONS")
        return names.sorted().joined(separator: ", ")
    }

    /// Whether a browser that is sent there would take the path for another site's address: it reads `\` as `/`.
    private static func looksLikeHost(_ path: String) -> Bool {
        path.utf8.dropFirst().first.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") } ?? false
    }
}
