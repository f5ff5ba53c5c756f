/// Wraps handlers: may change the request, answer itself, or change the response.
package struct Middleware: Sendable {
    /// `next` never throws: an error of the handler has become a response by then. What the middleware itself throws becomes a
    /// response in the same way.
    package typealias Around = @Sendable (Request, _ next: Handler) async throws -> Response

    /// The same around a handler that answers at once. `nil` leaves the request to the handlers that may wait.
    package typealias DirectAround = @Sendable (Request, _ next: DirectHandler) -> Response?

    let around: Around
    /// `nil` where nothing inside can be answered at once.
    let direct: DirectAround?

    /// - Parameter direct: without it, everything inside is left to handlers that may wait.
    package init(direct: DirectAround? = nil, _ around: @escaping Around) {
        self.around = around
        self.direct = direct
    }

    /// Lets requests pass, or throws.
    package static func checking(_ check: @escaping @Sendable (Request) throws -> Void) -> Middleware {
        Middleware(direct: { request, next in
            do { try check(request) } catch { return nil }
            return next(request)
        }) { request, next in
            try check(request)
            return try await next(request)
        }
    }

    /// Changes responses.
    package static func finishing(_ finish: @escaping @Sendable (Request, Response) -> Response) -> Middleware {
        Middleware(direct: { request, next in next(request).map { finish(request, $0) } }) { request, next in
            finish(request, try await next(request))
        }
    }
}
