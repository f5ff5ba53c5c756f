package import Core

/// Discord's description of an error. See Discord's JSON Error Codes (topics/opcodes-and-status-codes#json) and Rate Limits
/// (topics/rate-limits).
package struct ErrorBody: Codable, Hashable, Sendable {
    @Tolerant package var message: String
    @Tolerant package var code: Int
    /// For code 50035: which fields are wrong, nested, each with `_errors`.
    package var errors: JSONValue?
    /// Seconds, in a 429.
    package var retryAfter: Double?
    /// In a 429: whether every route is limited.
    package var global: Bool?

    package init(
        message: String = "", code: Int = 0, errors: JSONValue? = nil, retryAfter: Double? = nil, global: Bool? = nil
    ) {
        self.message = message
        self.code = code
        self.errors = errors
        self.retryAfter = retryAfter
        self.global = global
    }

    private enum CodingKeys: String, CodingKey {
        case message, code, errors, global
        case retryAfter = "retry_after"
    }
}
