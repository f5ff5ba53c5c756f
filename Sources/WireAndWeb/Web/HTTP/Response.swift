package import Core
package import Wire

/// What a handler returns.
package struct Response: Sendable {
    package var status: Int
    package var headers: Headers
    package var body: Body

    /// What follows the head.
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Made piece by piece while it is sent. `length` goes into `Content-Length`; without it the body is chunked.
        case produced(length: Int?, produce: @Sendable (BodyWriter) async throws -> Void)
        /// The connection becomes an event stream; called on its loop once the head is on its way.
        case eventStream(open: @Sendable (EventStream) -> Void)
        /// The connection becomes a WebSocket; called on its loop once the handshake is on its way.
        case webSocket(WebSocketUpgrade)
    }

    package init(status: Int = 200, headers: Headers = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Returns `value` as JSON (see `JSONCoding`).
    ///
    /// - Throws: `EncodingError`.
    package static func json(_ value: some Encodable, status: Int = 200) throws -> Response {
        bytes(try JSONCoding.encode(value), type: "application/json", status: status)
    }

    /// Returns `value` as the JSON that it writes.
    package static func json(writing value: some JSONWritable, status: Int = 200) -> Response {
        bytes(JSONWriter.bytes(value), type: "application/json", status: status)
    }

    package static func text(_ text: String, status: Int = 200) -> Response {
        bytes([UInt8](text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    package static func html(_ text: String, status: Int = 200) -> Response {
        bytes([UInt8](text.utf8), type: "text/html; charset=utf-8", status: status)
    }

    package static func bytes(_ bytes: [UInt8], type: String, status: Int = 200) -> Response {
        var headers = Headers()
        // Middleware adds some.
        headers.reserveCapacity(12)
        headers.add("content-type", type)
        return Response(status: status, headers: headers, body: .bytes(bytes))
    }

    /// 499, as nginx calls it: the client has gone, or the connection was ended, before there was a response. Never sent.
    static let abandoned = Response(status: 499)

    var isAbandoned: Bool { status == 499 }

    /// 204.
    package static var noContent: Response { Response(status: 204) }

    /// - Parameters:
    ///   - location: a path, or an address of another site that the program itself has made; never unchecked text of a
    ///     client.
    ///   - status: 302; or 303 after a form, 307 and 308 to keep the method.
    package static func redirect(to location: String, status: Int = 302) -> Response {
        precondition((300...399).contains(status))
        var headers = Headers()
        headers["location"] = location
        return Response(status: status, headers: headers)
    }

    /// An event stream (`text/event-stream`). Its body ends with the connection: neither `Content-Length` nor chunks.
    ///
    /// - Parameter open: receives the stream on the connection's loop after the head is written. From then on nothing of
    ///   the request is kept: take along what you need. It isn't called when the client has gone meanwhile.
    package static func eventStream(
        headers: Headers = [:], open: @escaping @Sendable (EventStream) -> Void
    ) -> Response {
        var headers = headers
        headers["content-type"] = "text/event-stream"
        headers["cache-control"] = "no-store"
        headers["x-accel-buffering"] = "no"
        return Response(headers: headers, body: .eventStream(open: open))
    }

    /// Accepts a WebSocket; a request that doesn't ask for one is answered with 426.
    ///
    /// - Parameter open: receives the socket on the connection's loop; set its observer there.
    package static func webSocket(
        _ options: WebSocketOptions = WebSocketOptions(), subprotocols: [String] = [],
        open: @escaping @Sendable (WebSocket) -> Void
    ) -> Response {
        Response(
            status: 101,
            body: .webSocket(WebSocketUpgrade(options: options, subprotocols: subprotocols, open: open)))
    }

    /// `{"error":{"code","message"}}`, with `fields` where there are any.
    package static func error(_ error: HTTPError) -> Response {
        struct Body: Encodable {
            struct Detail: Encodable { let code: String, message: String, fields: [HTTPError.Field]? }
            let error: Detail
        }
        let fields = error.fields.isEmpty ? nil : error.fields
        let bytes =
            (try? JSONCoding.encode(Body(error: .init(code: error.code, message: error.message, fields: fields)))) ?? []
        var headers = error.headers
        headers["content-type"] = "application/json"
        headers["cache-control"] = "no-store"
        // Also where no middleware is on the way: before a request is one.
        headers["x-content-type-options"] = "nosniff"
        return Response(status: error.status, headers: headers, body: .bytes(bytes))
    }

    package mutating func setCookie(_ cookie: Cookie) { headers.add("set-cookie", cookie.header) }

    /// Returns the same response with another cookie.
    package func settingCookie(_ cookie: Cookie) -> Response {
        var response = self
        response.setCookie(cookie)
        return response
    }

    /// Returns the same response with a field set.
    package func setting(_ name: String, _ value: String) -> Response {
        var response = self
        response.headers[name] = value
        return response
    }

    /// The body's bytes where they are known from the start.
    package var bytes: [UInt8] {
        if case .bytes(let bytes) = body { bytes } else { [] }
    }
}
