import Web
import Wire

/// Forbids caches to keep responses, unless a route says otherwise: they are meant for one user, and hold at this moment.
enum Uncached {
    static let middleware: Middleware = { request, next in
        var response = try await next(request)
        if response.headers["cache-control"] == nil { response.headers["cache-control"] = "no-store" }
        return response
    }
}
