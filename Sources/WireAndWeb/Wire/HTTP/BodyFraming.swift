/// How the receiver finds the end of a message's body. The serialisers write the field for it.
package enum BodyFraming: Sendable, Equatable {
    /// So many bytes follow. For the response to HEAD: would follow.
    case length(Int)
    /// Pieces follow, each made by `ChunkedBody.chunk`, then `ChunkedBody.end`.
    case chunked
    /// The body ends when the connection does. Responses only.
    case untilClose
    /// No body and no field about it: a request without one, and responses 1xx, 204 and 304.
    case none
}

/// The chunked transfer coding (RFC 9112 §7.1).
package enum ChunkedBody {
    /// One piece of the body; nothing for no bytes, since an empty chunk would end it.
    package static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var out = [UInt8]()
        out.reserveCapacity(bytes.count + 20)
        out += String(bytes.count, radix: 16).utf8
        out += ASCII.crlf
        out += bytes
        out += ASCII.crlf
        return out
    }

    package static let end: [UInt8] = Array("0\r\n\r\n".utf8)
}
