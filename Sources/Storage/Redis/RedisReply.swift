import Core

/// What a server answers (RESP, version 2).
package enum RedisReply: Sendable, Equatable {
    /// A short word such as `OK`.
    case status(String)
    case bytes([UInt8])
    case integer(Int64)
    case null
    case array([RedisReply])
    /// A code in capitals and a sentence, such as `WRONGTYPE Operation against a key …`.
    case error(String)

    /// The content as text, if it is text.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// Returns the reply, unless it is an error.
    /// - Throws: `RedisError` of kind `.refused`.
    package func checked() throws(RedisError) -> RedisReply {
        guard case .error(let text) = self else { return self }
        throw RedisError(.refused, "the Redis server refused a command: \(text)")
    }
}
