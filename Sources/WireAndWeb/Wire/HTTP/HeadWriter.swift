/// Writes the lines that both kinds of message share.
enum HeadWriter {
    /// Writes the fields, the one about the body's length, and the empty line. Fields in `headers` about the length are left
    /// out: `framing` alone decides.
    ///
    /// - Parameter own: fields of the connection itself, in the place of those of the same names in `headers`.
    static func write(
        _ headers: Headers, own: [Headers.Field] = [], _ framing: BodyFraming, to out: inout [UInt8]
    ) {
        for field in headers where !isFraming(field.name) && !own.contains(where: { Headers.same($0.name, field.name) })
        {
            write(field.name, field.value, to: &out)
        }
        for field in own { write(field.name, field.value, to: &out) }
        switch framing {
        case .length(let length):
            out += lengthField
            write(length, to: &out)
            out += ASCII.crlf
        case .chunked: write("Transfer-Encoding", "chunked", to: &out)
        case .untilClose, .none: break
        }
        out += ASCII.crlf
    }

    private static let lengthField: [UInt8] = Array("Content-Length: ".utf8)

    private static func isFraming(_ name: String) -> Bool {
        Headers.same(name, "Content-Length") || Headers.same(name, "Transfer-Encoding")
    }

    /// A value can hold no line end: control characters become spaces (RFC 9110 §5.5).
    private static func write(_ name: String, _ value: String, to out: inout [UInt8]) {
        precondition(!name.isEmpty, "a header's name is a token")
        let nameStart = out.count
        out += name.utf8
        let nameEnd = out.count
        out.append(ASCII.colon)
        out.append(ASCII.space)
        let valueStart = out.count
        out += value.utf8
        let valueEnd = out.count
        out.append(ASCII.carriageReturn)
        out.append(ASCII.lineFeed)
        unsafe out.withUnsafeMutableBufferPointer { bytes in
            for index in nameStart..<nameEnd {
                precondition(unsafe ASCII.isToken(bytes[index]), "a header's name is a token")
            }
            for index in valueStart..<valueEnd where unsafe isControl(bytes[index]) {
                unsafe bytes[index] = ASCII.space
            }
        }
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != ASCII.tab || byte == 0x7F }

    /// Writes a number without making a string of it.
    static func write(_ number: Int, to out: inout [UInt8]) {
        guard number >= 10 else { return out.append(UInt8(ascii: "0") + UInt8(number)) }
        write(number / 10, to: &out)
        out.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
