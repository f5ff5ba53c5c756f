/// The first part of a response: how it went, and its fields.
package struct ResponseHead: Sendable, Equatable {
    package var status: Int
    package var headers: Headers
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1.
    package var minorVersion: Int

    package init(status: Int, headers: Headers = [:], minorVersion: Int = 1) {
        self.status = status
        self.headers = headers
        self.minorVersion = minorVersion
    }

    /// Whether a response with this status to this method never has a body, whatever its fields say (RFC 9112 §6.3).
    package static func isBodiless(status: Int, to method: String) -> Bool {
        status < 200 || status == 204 || status == 304 || method == "HEAD"
    }

    /// The phrase of RFC 9110 for this status; empty for one it doesn't name.
    package static func reason(_ status: Int) -> String { reasons[status] ?? "" }

    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 103: "Early Hints",
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
        205: "Reset Content", 206: "Partial Content",
        300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]
}
