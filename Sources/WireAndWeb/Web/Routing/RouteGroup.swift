/// Routes of one router that share the beginning of their path and the middleware around them.
package struct RouteGroup: Sendable {
    let router: Router
    let prefix: String
    let middleware: [Middleware]

    package func on(_ method: String, _ path: String, _ handler: @escaping Handler) {
        router.on(method, RoutePattern.join(prefix, path), router.wrap(handler, in: middleware))
    }

    package func get(_ path: String, _ handler: @escaping Handler) { on("GET", path, handler) }
    package func post(_ path: String, _ handler: @escaping Handler) { on("POST", path, handler) }
    package func put(_ path: String, _ handler: @escaping Handler) { on("PUT", path, handler) }
    package func patch(_ path: String, _ handler: @escaping Handler) { on("PATCH", path, handler) }
    package func delete(_ path: String, _ handler: @escaping Handler) { on("DELETE", path, handler) }

    /// A group within this one: its path and middleware come inside this one's.
    package func group(_ prefix: String = "", _ middleware: Middleware...) -> RouteGroup {
        RouteGroup(
            router: router, prefix: RoutePattern.join(self.prefix, prefix), middleware: self.middleware + middleware)
    }
}
