extension RequestHead {
    /// Reads a head whose line ends have been checked.
    ///
    /// - Parameter length: with the empty line at the end.
    static func parse(_ buffer: InputBuffer, length: Int) throws(HTTPParseError) -> RequestHead {
        let bytes = buffer
        var lineEnd = 0
        while bytes[lineEnd] != ASCII.carriageReturn { lineEnd += 1 }

        var methodEnd = 0
        while ASCII.isToken(bytes[methodEnd]) { methodEnd += 1 }
        guard methodEnd > 0, bytes[methodEnd] == ASCII.space else {
            throw lineEnd == 0 ? .malformedRequestLine : .malformedMethod
        }
        let targetStart = methodEnd + 1
        var targetEnd = targetStart
        while ASCII.isVisible(bytes[targetEnd]), bytes[targetEnd] != UInt8(ascii: "#") { targetEnd += 1 }
        guard bytes[targetEnd] == ASCII.space else {
            throw targetEnd == lineEnd ? .malformedRequestLine : .malformedTarget
        }
        guard targetEnd > targetStart else { throw .malformedRequestLine }
        let minorVersion = try HTTPVersion.minor(buffer.slice(targetEnd + 1..<lineEnd))

        let head = RequestHead(
            method: String(decoding: buffer.slice(0..<methodEnd), as: UTF8.self),
            target: String(decoding: buffer.slice(targetStart..<targetEnd), as: UTF8.self),
            minorVersion: minorVersion,
            headers: try FieldLines.parse(buffer, in: lineEnd + 2..<length - 2))
        guard head.isTargetAllowed else { throw .malformedTarget }
        try head.checkHost()
        return head
    }

    /// RFC 9112 §3.2.
    private var isTargetAllowed: Bool {
        if method == "CONNECT" { return Self.isHost(target) && target.utf8.contains(ASCII.colon) }
        if target.utf8.first == UInt8(ascii: "/") { return true }
        if target == "*" { return method == "OPTIONS" }
        let lower = target.prefix(8).lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), let authority else { return false }
        return Self.isHost(authority)
    }

    private func checkHost() throws(HTTPParseError) {
        let hosts = headers.all("Host")
        if hosts.count > 1 { throw .repeatedHost }
        guard let host = hosts.first else {
            if minorVersion > 0 { throw .missingHost }
            return
        }
        guard Self.isHost(host) else { throw .malformedHost }
    }

    /// Host and optional port. Who may have which host is for the server's configuration to say.
    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(ASCII.isHost)
    }
}

/// The version at the end of a request line or the front of a status line (RFC 9112 §2.3).
enum HTTPVersion {
    private static let prefix: [UInt8] = Array("HTTP/".utf8)

    /// 0 or 1.
    static func minor(_ bytes: ArraySlice<UInt8>) throws(HTTPParseError) -> Int {
        guard bytes.count == 8, bytes.starts(with: prefix) else { throw .malformedVersion }
        let first = bytes.startIndex + prefix.count
        let (major, point, minor) = (bytes[first], bytes[first + 1], bytes[first + 2])
        guard ASCII.isDigit(major), point == UInt8(ascii: "."), ASCII.isDigit(minor) else { throw .malformedVersion }
        guard major == UInt8(ascii: "1"), minor <= UInt8(ascii: "1") else { throw .unsupportedVersion }
        return Int(minor - UInt8(ascii: "0"))
    }
}
