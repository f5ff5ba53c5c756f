/// Writes the lines that both kinds of message share.
enum HeadWriter {
    /// Writes the fields, the one about the body's length, and the empty line. Fields in `headers` about the length are left
    /// out: `framing` alone decides.
    static func write(_ headers: Headers, _ framing: BodyFraming, to out: inout [UInt8]) {
        for field in headers where !isFraming(field.name) { write(field.name, field.value, to: &out) }
        switch framing {
        case .length(let length): write("Content-Length", String(length), to: &out)
        case .chunked: write("Transfer-Encoding", "chunked", to: &out)
        case .untilClose, .none: break
        }
        out += ASCII.crlf
    }

    private static func isFraming(_ name: String) -> Bool {
        Headers.same(name, "Content-Length") || Headers.same(name, "Transfer-Encoding")
    }

    /// A value can hold no line end: control characters become spaces (RFC 9110 §5.5).
    private static func write(_ name: String, _ value: String, to out: inout [UInt8]) {
        precondition(!name.isEmpty && name.utf8.allSatisfy(ASCII.isToken), "a header's name is a token")
        out += name.utf8
        out.append(ASCII.colon)
        out.append(ASCII.space)
        let start = out.count
        out += value.utf8
        for index in start..<out.count where out[index] < 0x20 && out[index] != ASCII.tab || out[index] == 0x7F {
            out[index] = ASCII.space
        }
        out += ASCII.crlf
    }
}
