extension ResponseHead {
    /// Reads a head whose line ends have been checked.
    ///
    /// - Parameter length: with the empty line at the end.
    static func parse(_ buffer: InputBuffer, length: Int) throws(HTTPParseError) -> ResponseHead {
        let bytes = buffer
        var lineEnd = 0
        while bytes[lineEnd] != ASCII.carriageReturn { lineEnd += 1 }
        // Some servers leave out the space before an empty phrase.
        guard lineEnd >= 12, bytes[8] == ASCII.space, lineEnd == 12 || bytes[12] == ASCII.space else {
            throw .malformedStatusLine
        }
        let minorVersion = try HTTPVersion.minor(buffer.slice(0..<8))
        guard let status = ASCII.decimal(buffer.slice(9..<12)), status >= 100, status < 600 else {
            throw .malformedStatusLine
        }
        let headers = try FieldLines.parse(buffer, in: lineEnd + 2..<length - 2)
        return ResponseHead(status: status, headers: headers, minorVersion: minorVersion)
    }
}
