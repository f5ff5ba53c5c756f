/// A request to the REST API as it arrived over HTTP.
package struct APIRequest: Sendable {
    package let method: String
    /// With its prefix, such as `/api/v10/users/@me`; still percent-encoded.
    package let path: String
    package let query: [(name: String, value: String)]
    package let authorization: String?
    package let userAgent: String?
    package let contentType: String?
    package let host: String
    package let body: [UInt8]

    package init(
        method: String, path: String, query: [(name: String, value: String)] = [], authorization: String? = nil,
        userAgent: String? = "DiscordBot (https://example.com, 1)", contentType: String? = "application/json",
        host: String = "localhost", body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.authorization = authorization
        self.userAgent = userAgent
        self.contentType = contentType
        self.host = host
        self.body = body
    }
}

/// An answer as it is sent over HTTP.
package struct APIResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)] = []
    /// `nil`: no body.
    package var body: JSON?
    /// How long to wait before answering (a fault).
    package var latency = Duration.zero

    /// Returns a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
