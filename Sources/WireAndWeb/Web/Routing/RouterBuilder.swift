/// The routes, middleware and error mappings of a router that is being built. Exists only in the closure of `Router.init`.
package struct RouterBuilder: RouterMethods {
    private(set) var routes: [Route] = []
    private(set) var middleware: [Middleware] = []
    private(set) var finishers: [Finisher] = []
    private(set) var mappings: [@Sendable (any Error) -> HTTPError?] = []

    package mutating func add(_ route: Route) { routes.append(route) }

    /// Puts middleware around everything, also around answers for addresses that don't exist. The first added is the
    /// outermost.
    package mutating func use(_ middleware: Middleware...) { self.middleware += middleware }

    /// Shows every response to these as it leaves, in this order: also answers for addresses that don't exist, and those of
    /// direct handlers.
    package mutating func finish(_ finishers: Finisher...) { self.finishers += finishers }

    /// Says which response an error from below becomes; the first mapping that isn't nil counts. An error that none knows
    /// is a 500 whose details stay in the log. Errors of a handler that was cancelled because its client has gone are
    /// answered 499, which is never sent.
    package mutating func mapErrors(_ mapping: @escaping @Sendable (any Error) -> HTTPError?) {
        mappings.append(mapping)
    }
}
