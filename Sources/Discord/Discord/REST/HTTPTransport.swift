package import FoundationEssentials

/// Sends HTTP requests for the REST client.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns the answer, whatever its status.
    ///
    /// - Throws: `HTTPTransportError`; `CancellationError`.
    func exchange(_ request: HTTPExchange.Request) async throws -> HTTPExchange.Answer
}

/// One HTTP exchange: a request and its answer, both whole in memory.
package enum HTTPExchange {
    /// What is sent.
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

    /// What was received.
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

/// Why there was no answer. The text gives the reason in words that hold no address.
package enum HTTPTransportError: Error, Equatable {
    /// No connection was made, so the server has not seen the request.
    case neverSent(String)
    /// The connection broke: the server may have seen the request.
    case interrupted(String)
}
