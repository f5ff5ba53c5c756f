/// Reads the field lines of a section whose line ends `SectionScanner` has checked (RFC 9112 §5).
enum FieldLines {
    /// - Parameter range: from the first field line up to and without the empty line.
    static func parse(_ buffer: InputBuffer, in range: Range<Int>) throws(HTTPParseError) -> Headers {
        var headers = Headers()
        var position = range.lowerBound
        let bytes = buffer
        while position < range.upperBound {
            if ASCII.isBlank(bytes[position]) { throw .foldedHeader }
            var end = position
            while bytes[end] != ASCII.colon, ASCII.isToken(bytes[end]) { end += 1 }
            guard bytes[end] == ASCII.colon, end > position else { throw .malformedHeaderName }
            let name = String(decoding: buffer.slice(position..<end), as: UTF8.self)
            var start = end + 1
            while ASCII.isBlank(bytes[start]) { start += 1 }
            end = start
            while bytes[end] != ASCII.carriageReturn {
                if bytes[end] == 0x7F { throw .malformedHeaderValue }
                end += 1
            }
            position = end + 2
            while end > start, ASCII.isBlank(bytes[end - 1]) { end -= 1 }
            headers.add(name, text(buffer.slice(start..<end)))
        }
        return headers
    }

    /// A value's text. Bytes beyond ASCII are read as UTF-8 where they are that, else as ISO 8859-1.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = ""
        for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }
}
