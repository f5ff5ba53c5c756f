package import Core
import Wire

/// Answers requests by their routes, with middleware around them.
///
/// A router is complete once it is made: routes are added in the closure of `init` and nowhere else, and every loop reads the
/// same constant tree without a lock. Paths are split at slashes first and percent-decoded after, so that an encoded slash
/// stays part of its segment.
package final class Router: Sendable {
    /// What happens to `/rooms/` where only `/rooms` has a route (and the other way round).
    package enum TrailingSlash: Sendable { case redirect, ignore }

    private let errors: ErrorResponder
    /// Everything: the outermost middleware first, the dispatch to the route last.
    private let handler: Handler

    /// Builds a router.
    ///
    /// - Parameter build: adds routes, middleware and error mappings. A route that exists already traps.
    /// - Throws: what `build` throws.
    package init(
        trailingSlash: TrailingSlash = .redirect, log: Log = .none, _ build: (inout RouterBuilder) throws -> Void
    ) rethrows {
        var builder = RouterBuilder()
        try build(&builder)
        errors = ErrorResponder(mappings: builder.mappings, log: log)
        var tree = RouteTree()
        for route in builder.routes {
            tree.insert(
                route.method, RoutePattern(route.path), errors.wrap(route.handler, in: route.middleware))
        }
        let dispatcher = RouteDispatcher(tree: tree, trailingSlash: trailingSlash)
        handler = errors.wrap({ try await dispatcher.respond(to: $0) }, in: builder.middleware)
    }

    /// Returns the response to `request`, whatever happens on the way.
    package func respond(to request: Request) async -> Response {
        var response = await errors.respond(to: request, handler)
        response.headers[RequestIdentifier.header] = request.id
        return request.method == "HEAD" ? response.withoutBody() : response
    }
}
