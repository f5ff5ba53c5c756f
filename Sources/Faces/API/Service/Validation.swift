import Core
import Scheduler
import Store
import Web
import Wire

/// How clients and caches may treat responses: they are meant for one user, and hold at this moment.
///
/// What is read has an entity tag. A client that still has what the tag names is answered 304 without it; a browser may keep it,
/// for this session alone, and asks each time. Everything else must not be kept, unless a route says otherwise.
enum Validation {
    static let middleware = Middleware.finishing { request, response in
        var response = response
        guard response.status == 200, case .bytes(let bytes) = response.body,
            request.method == "GET" || request.method == "HEAD"
        else {
            if response.headers["cache-control"] == nil { response.headers["cache-control"] = "no-store" }
            return response
        }
        let tag = response.headers["etag"] ?? EncodedJSON.tag(of: bytes)
        response.headers["etag"] = tag
        if response.headers["cache-control"] == nil {
            response.headers["cache-control"] = "private, no-cache"
            response.headers["vary"] = "Cookie"
        }
        guard EntityTag.isKnown(tag, to: request.headers) else { return response }
        response.headers["content-type"] = nil
        return Response(status: 304, headers: response.headers)
    }
}

extension Response {
    /// JSON that has been written and tagged before.
    static func json(_ encoded: EncodedJSON) -> Response {
        bytes(encoded.bytes, type: "application/json").setting("etag", encoded.tag)
    }
}

extension Request {
    static let cursor = "tandem-cursor"

    /// The last event that the client has seen on a stream: it's answered with nothing older. `nil` if it doesn't say.
    var seen: Cursor? { headers[Self.cursor].flatMap { Cursor($0) } }
}
