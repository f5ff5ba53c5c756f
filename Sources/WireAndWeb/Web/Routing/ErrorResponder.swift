import Core

/// Turns what handlers and middleware throw into responses.
struct ErrorResponder: Sendable {
    let mappings: [@Sendable (any Error) -> HTTPError?]
    let log: Log

    /// `middleware` around `handler`, the first outermost, with errors turned into responses between them.
    func wrap(_ handler: @escaping Handler, in middleware: [Middleware]) -> Handler {
        middleware.reversed().reduce(handler) { next, middleware in
            { request in try await middleware.around(request) { inner in await respond(to: inner, next) } }
        }
    }

    /// The same around a handler that answers at once; `nil` if a middleware has to wait.
    static func wrap(_ handler: @escaping DirectHandler, in middleware: [Middleware]) -> DirectHandler? {
        middleware.reversed().reduce(handler as DirectHandler?) { next, middleware in
            guard let next, let direct = middleware.direct else { return nil }
            return { direct($0, next) }
        }
    }

    /// The handler's response, or the one that its error becomes.
    func respond(to request: Request, _ handler: Handler) async -> Response {
        do {
            let response = try await handler(request)
            return response.status >= 500 && Task.isCancelled ? .abandoned : response
        } catch {
            return self.response(to: error, request)
        }
    }

    private func response(to error: any Error, _ request: Request) -> Response {
        if let error = error as? HTTPError, error.status < 500 || !Task.isCancelled { return .error(error) }
        // The client has gone, which may itself have caused the error.
        if Task.isCancelled {
            log.debug("a handler was cancelled", ["request": request.id, "path": request.path, "error": "\(error)"])
            return .abandoned
        }
        for mapping in mappings {
            if let mapped = mapping(error) { return .error(mapped) }
        }
        log.error(
            "a handler failed",
            ["request": request.id, "method": request.method, "path": request.path, "error": "\(error)"])
        return .error(
            HTTPError(
                500, "internal_error",
                "Something went wrong on our side. If it happens again, report the request \(request.id)."))
    }
}
