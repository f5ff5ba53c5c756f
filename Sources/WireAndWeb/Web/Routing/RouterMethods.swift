/// What routes can be added to: a router while it is built, and each of its groups.
package protocol RouterMethods {
    /// Adds a route whose path and middleware are complete but for what surrounds this collection.
    mutating func add(_ route: Route)
}

extension RouterMethods {
    /// Adds a route: `/rooms/:id` matches one segment, `/files/*path` all that remain.
    package mutating func on(_ method: String, _ path: String, _ handler: @escaping Handler) {
        add(Route(method: method, path: path, middleware: [], handler: handler))
    }

    /// Adds a route that can always answer at once.
    package mutating func getAtOnce(_ path: String, _ handler: @escaping @Sendable (Request) -> Response) {
        get(path, atOnce: { handler($0) }) { handler($0) }
    }

    /// Adds a route that is tried at once, if all middleware around it can do so, and otherwise handled as any other.
    package mutating func get(_ path: String, atOnce direct: @escaping DirectHandler, _ handler: @escaping Handler) {
        add(Route(method: "GET", path: path, middleware: [], handler: handler, direct: direct))
    }

    package mutating func get(_ path: String, _ handler: @escaping Handler) { on("GET", path, handler) }
    package mutating func post(_ path: String, _ handler: @escaping Handler) { on("POST", path, handler) }
    package mutating func put(_ path: String, _ handler: @escaping Handler) { on("PUT", path, handler) }
    package mutating func patch(_ path: String, _ handler: @escaping Handler) { on("PATCH", path, handler) }
    package mutating func delete(_ path: String, _ handler: @escaping Handler) { on("DELETE", path, handler) }

    /// Adds routes that share the beginning of their path and the middleware around them, the first outermost.
    ///
    /// - Parameter bodyLimit: how many bytes a body may have, unless a group further in says something else; more is answered 413
    ///   before it's read.
    /// - Throws: what `routes` throws.
    package mutating func group(
        _ prefix: String = "", _ middleware: [Middleware] = [], bodyLimit: Int? = nil,
        routes: (inout RouteGroup) throws -> Void
    ) rethrows {
        var group = RouteGroup()
        try routes(&group)
        for route in group.routes { add(route.inside(prefix, middleware, bodyLimit: bodyLimit)) }
    }

    /// Serves the files below `path`.
    package mutating func files(_ path: String, _ files: StaticFiles) {
        get(path.hasSuffix("/") ? path + "*path" : path + "/*path") {
            try await files.respond(to: $0, path: $0.parameters["path"] ?? "")
        }
    }
}
