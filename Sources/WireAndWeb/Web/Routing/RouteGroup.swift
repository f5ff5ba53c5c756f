/// Routes that share the beginning of their path and the middleware around them; see `RouterMethods.group`.
package struct RouteGroup: RouterMethods {
    private(set) var routes: [Route] = []

    package mutating func add(_ route: Route) { routes.append(route) }
}

/// One route as it was added.
package struct Route: Sendable {
    let method: String
    let path: String
    /// The first is the outermost.
    let middleware: [Middleware]
    let handler: Handler
    /// Tried before the handler.
    var direct: DirectHandler?
    /// How many bytes a request's body may have; nil for what the server takes.
    var bodyLimit: Int?

    /// The same route seen from outside a group.
    func inside(_ prefix: String, _ outer: [Middleware], bodyLimit: Int?) -> Route {
        Route(
            method: method, path: RoutePattern.join(prefix, path), middleware: outer + middleware, handler: handler,
            direct: direct, bodyLimit: self.bodyLimit ?? bodyLimit)
    }
}
