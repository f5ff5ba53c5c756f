package import Wire

/// One request, with its whole body. The server makes it from what arrived; so may a test.
package struct Request: Sendable {
    /// Identifies the request in the log and in the response's `X-Request-Id`.
    package var id: String
    /// In capitals, as sent.
    package let method: String
    /// The path as sent, still percent-encoded, without the query. Begins with `/` (or is `*` for `OPTIONS *`).
    package let path: String
    /// The query as sent, without the question mark.
    package let rawQuery: String
    package var headers: Headers
    package var body: [UInt8]
    /// The client's IP address, as the proxy reports it where the proxy is trusted.
    package var remoteAddress: String
    /// `http` or `https`, as the client sees it.
    package var scheme: String
    /// Host and port as the client sees them, from `Host`.
    package var host: String
    /// What the route's placeholders matched, percent-decoded.
    package var parameters: [String: String] = [:]

    private var values: [ObjectIdentifier: any Sendable] = [:]

    /// - Parameter id: nil takes the one that the client sent, or makes one.
    package init(
        head: RequestHead, body: [UInt8] = [], remoteAddress: String, scheme: String, id: String? = nil
    ) {
        let target = head.pathAndQuery
        let question = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        method = head.method
        path = String(target[..<question])
        rawQuery = String(target[question...].dropFirst())
        headers = head.headers
        host = head.authority ?? ""
        self.body = body
        self.remoteAddress = remoteAddress
        self.scheme = scheme
        self.id = id ?? RequestIdentifier.choose(from: head.headers)
    }

    /// A request made by hand, in a test or in process.
    ///
    /// - Parameter target: path and query as in a request line, such as `/rooms?limit=3`.
    package init(
        _ method: String, _ target: String, headers: Headers = [:], body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1", scheme: String = "http"
    ) {
        var headers = headers
        if headers["host"] == nil { headers["host"] = "localhost" }
        let head = RequestHead(method: method, target: target, headers: headers)
        self.init(head: head, body: body, remoteAddress: remoteAddress, scheme: scheme)
    }

    /// Whether the client speaks TLS with us or with the proxy in front.
    package var isSecure: Bool { scheme == "https" }

    /// The address of our own site as the client sees it: scheme, host and port.
    package var origin: String { "\(scheme)://\(host)" }

    /// The query's fields.
    ///
    /// - Throws: `HTTPError` 400 `malformed_query` when a part isn't properly percent-encoded UTF-8: without the rest of what it
    ///   asks for, a request would be answered with something else.
    package var query: FormFields {
        get throws {
            guard let fields = FormFields(encoded: rawQuery) else {
                throw HTTPError(
                    400, "malformed_query",
                    "The query isn't properly encoded: it must be UTF-8, with % only before two hexadecimal digits.")
            }
            return fields
        }
    }

    /// The cookies that the client sent, by name.
    package var cookies: [String: String] { Cookie.parse(headers.all("cookie")) }

    /// The value of one cookie.
    package func cookie(_ name: String) -> String? {
        guard let field = headers["cookie"] else { return nil }
        return Cookie.only(name, in: field) ?? cookies[name]
    }

    /// A value that a middleware has left for handlers further in, such as the signed-in user.
    package subscript<Key: RequestKey>(key: Key.Type) -> Key.Value? {
        get { values[ObjectIdentifier(key)] as? Key.Value }
        set { values[ObjectIdentifier(key)] = newValue }
    }
}

/// Names a value that a middleware leaves with the request.
package protocol RequestKey {
    associatedtype Value: Sendable
}
