/// Writes event streams (WHATWG HTML §9.2, `text/event-stream`).
package enum SSE {
    /// One block of lines with the empty line that ends it. Without `data` the receiver learns the rest but sees no event.
    ///
    /// - Parameters:
    ///   - id: what the receiver sends as `Last-Event-ID` when it comes back. Line ends and NUL are left out.
    ///   - event: the event's type; `message` if none is given. Line ends are left out.
    ///   - data: any text; each of its lines becomes a line of the stream, and CR LF or CR arrive as LF.
    ///   - retry: how many milliseconds the receiver waits before it connects again.
    ///   - comment: text that receivers pass over.
    package static func encode(
        id: String? = nil, event: String? = nil, data: String? = nil, retry: Int? = nil, comment: String? = nil
    ) -> [UInt8] {
        var out = [UInt8]()
        out.reserveCapacity(
            48 + (data?.utf8.count ?? 0) + (id?.utf8.count ?? 0) + (event?.utf8.count ?? 0)
                + (comment?.utf8.count ?? 0))
        if let comment { appendLines(comment, prefix: ": ", to: &out) }
        if let retry { appendLine("retry: ", String(max(0, retry)), to: &out) }
        if let event { appendLine("event: ", event, to: &out) }
        if let id { appendLine("id: ", id, to: &out) }
        if let data { appendLines(data, prefix: "data: ", to: &out) }
        out.append(ASCII.lineFeed)
        return out
    }

    private static func appendLine(_ prefix: StaticString, _ value: String, to out: inout [UInt8]) {
        append(prefix, to: &out)
        for byte in value.utf8 where byte != ASCII.lineFeed && byte != ASCII.carriageReturn && byte != 0 {
            out.append(byte)
        }
        out.append(ASCII.lineFeed)
    }

    private static func appendLines(_ text: String, prefix: StaticString, to out: inout [UInt8]) {
        append(prefix, to: &out)
        guard text.utf8.contains(where: { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }) else {
            out += text.utf8
            out.append(ASCII.lineFeed)
            return
        }
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == ASCII.carriageReturn || byte == ASCII.lineFeed {
                if byte == ASCII.carriageReturn || previous != ASCII.carriageReturn {
                    out.append(ASCII.lineFeed)
                    append(prefix, to: &out)
                }
            } else {
                out.append(byte)
            }
            previous = byte
        }
        out.append(ASCII.lineFeed)
    }

    private static func append(_ text: StaticString, to out: inout [UInt8]) {
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
