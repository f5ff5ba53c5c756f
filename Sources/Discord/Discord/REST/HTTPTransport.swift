package import FoundationEssentials

/// One HTTP exchange, as the REST client needs it.
package protocol HTTPTransport: Sendable {
    /// - Throws: `HTTPTransportError`; `CancellationError`.
    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer
}

package enum HTTPExchange {
    package struct Request: Sendable {
        package var method: String
        package var url: String
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]?

        package init(
            method: String, url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
        ) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
        }
    }

    package struct Answer: Sendable {
        package var status: Int
        /// By lower-case name.
        package var headers: [String: String]
        package var body: Data

        package init(status: Int, headers: [String: String], body: Data) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }
}

package enum HTTPTransportError: Error, Equatable {
    /// No connection was made, so the other side has seen nothing.
    case neverSent(String)
    case interrupted(String)
}
