package import Core
package import Wire

/// Answers requests by their routes, with middleware around them.
///
/// A router is complete once it is made: routes are added in the closure of `init` and nowhere else, and every loop reads the
/// same constant tree without a lock. Paths are split at slashes first and percent-decoded after, so that an encoded slash
/// stays part of its segment.
package final class Router: Sendable {
    /// What happens to `/rooms/` where only `/rooms` has a route (and the other way round).
    package enum TrailingSlash: Sendable { case redirect, ignore }

    private let errors: ErrorResponder
    private let tree: RouteTree
    private let finishers: [Finisher]
    private let time: TimeSource
    private let trailingSlash: TrailingSlash
    /// Everything: the outermost middleware first, the dispatch to the route last.
    private let handler: Handler

    /// Builds a router.
    ///
    /// - Parameter build: adds routes, middleware and error mappings. A route that exists already traps.
    /// - Throws: what `build` throws.
    package init(
        trailingSlash: TrailingSlash = .redirect, time: TimeSource = .system, log: Log = .none,
        _ build: (inout RouterBuilder) throws -> Void
    ) rethrows {
        var builder = RouterBuilder()
        try build(&builder)
        errors = ErrorResponder(mappings: builder.mappings, log: log)
        var tree = RouteTree()
        for route in builder.routes {
            tree.insert(
                route.method, RoutePattern(route.path), errors.wrap(route.handler, in: route.middleware),
                direct: route.direct.flatMap {
                    ErrorResponder.wrap($0, in: builder.middleware + route.middleware)
                }, bodyLimit: route.bodyLimit ?? .max)
        }
        self.tree = tree
        self.time = time
        self.trailingSlash = trailingSlash
        finishers = builder.finishers
        let dispatcher = RouteDispatcher(tree: tree, trailingSlash: trailingSlash)
        handler = errors.wrap({ try await dispatcher.respond(to: $0) }, in: builder.middleware)
    }

    /// Returns the response to `request`, whatever happens on the way.
    package func respond(to request: Request) async -> Response {
        let started = finishers.isEmpty ? .zero : time.now
        return finished(await errors.respond(to: request, handler), to: request, started)
    }

    /// Returns the response if the request's route can answer at once.
    package func respondAtOnce(to request: Request) -> Response? {
        guard let (handler, parameters) = tree.direct(request) else { return nil }
        let started = finishers.isEmpty ? .zero : time.now
        var request = request
        request.parameters = parameters
        guard let response = handler(request) else { return nil }
        return finished(response, to: request, started)
    }

    /// How many bytes the body of a request with this head may have; nil when no handler would look at it, so that it need not
    /// be read.
    package func bodyLimit(for head: RequestHead) -> Int? {
        let path = String(head.pathAndQuery.prefix { $0 != "?" })
        let match =
            tree.match(path: path)
            ?? (trailingSlash == .ignore
                ? RouteTree.segments(of: path).flatMap { tree.match(RouteTree.toggled($0)) } : nil)
        return match?.endpoint(for: head.method)?.bodyLimit
    }

    /// Returns the response to a request that is refused before its handler sees it.
    package func refuse(_ request: Request, _ error: HTTPError) -> Response {
        finished(.error(error), to: request, finishers.isEmpty ? .zero : time.now)
    }

    private func finished(_ response: Response, to request: Request, _ started: Duration) -> Response {
        var response = response
        for finisher in finishers { finisher(request, &response, started) }
        response.headers[RequestIdentifier.header] = request.id
        return request.method == "HEAD" ? response.withoutBody() : response
    }
}
