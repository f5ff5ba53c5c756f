/// Looks for the empty line that ends a section of lines (a head, or trailers). Each byte is looked at once, however the
/// section is cut into pieces, and the first fault is reported as soon as its byte is there.
struct SectionScanner: Sendable {
    /// Whether the first line is a request line or status line, which has a limit of its own.
    let hasStartLine: Bool
    private var scanned = 0
    private var lineStart = 0
    private var fieldsStart = 0
    private var lines = 0

    init(hasStartLine: Bool) { self.hasStartLine = hasStartLine }

    /// The length of the section with its empty line, once that is there.
    mutating func end(in buffer: InputBuffer, limits: HTTPLimits) throws(HTTPParseError) -> Int? {
        while true {
            scanned = buffer.firstControl(from: scanned)
            guard scanned < buffer.count else { break }
            let byte = buffer[scanned]
            try checkLimits(limits)
            guard byte == ASCII.carriageReturn else {
                throw byte == ASCII.lineFeed ? .bareLineFeed : .controlCharacter
            }
            guard scanned + 1 < buffer.count else { return nil }
            guard buffer[scanned + 1] == ASCII.lineFeed else { throw .bareCarriageReturn }
            let isEmpty = scanned == lineStart
            scanned += 2
            if isEmpty { return scanned }
            lineStart = scanned
            lines += 1
            if hasStartLine, lines == 1 { fieldsStart = scanned }
            if lines - (hasStartLine ? 1 : 0) > limits.headerCount { throw .tooManyHeaders }
        }
        try checkLimits(limits)
        return nil
    }

    private func checkLimits(_ limits: HTTPLimits) throws(HTTPParseError) {
        if hasStartLine, lines == 0 {
            if scanned > limits.startLine { throw .startLineTooLong }
        } else if scanned - fieldsStart > limits.headerBytes {
            throw .headersTooLarge
        }
    }
}
