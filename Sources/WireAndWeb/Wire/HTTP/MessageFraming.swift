/// What a head's fields say about the length of its body, where they say it in one way only (RFC 9112 §6.3).
enum MessageFraming {
    static func declared(in headers: Headers, minorVersion: Int) throws(HTTPParseError) -> BodyDecoder.Framing? {
        let codings = headers.all("Transfer-Encoding")
        let lengths = headers.all("Content-Length")
        guard codings.isEmpty else {
            if !lengths.isEmpty { throw .ambiguousLength }
            if minorVersion == 0 { throw .malformedTransferEncoding }
            return try framing(codings)
        }
        guard let length = lengths.first else { return nil }
        if lengths.count > 1 { throw .repeatedLength }
        guard let length = ASCII.decimal(length.utf8) else { throw .malformedLength }
        return .length(length)
    }

    private static func framing(_ codings: [String]) throws(HTTPParseError) -> BodyDecoder.Framing {
        let list = codings.flatMap { $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }
            .map(Headers.trimmed)
        guard let last = list.last, Headers.same(last, "chunked"),
            list.filter({ Headers.same($0, "chunked") }).count == 1, !list.contains("")
        else { throw .malformedTransferEncoding }
        guard list.count == 1 else { throw .unsupportedTransferEncoding }
        return .chunked
    }
}
