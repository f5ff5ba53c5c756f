/// The parts of a `ws://` or `wss://` address.
struct WebSocketAddress: Equatable {
    let isSecure: Bool
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int
    /// Path and query.
    let target: String
    /// The `Host` field.
    let authority: String

    init(_ url: String) throws(WebSocketClientError) {
        func invalid() -> WebSocketClientError {
            WebSocketClientError("invalid_url", "A WebSocket's address looks like wss://host:port/path.")
        }
        guard let separator = url.firstRange(of: "://"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw invalid() }
        switch url[..<separator.lowerBound].lowercased() {
        case "ws": isSecure = false
        case "wss": isSecure = true
        default: throw invalid()
        }
        let rest = url[separator.upperBound...].prefix { $0 != "#" }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        let path = String(rest[end...])
        target = path.hasPrefix("/") ? path : "/" + path
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let bracket = authority.lastIndex(of: "]") else { throw invalid() }
            host = authority[..<bracket].dropFirst()
            let tail = authority[bracket...].dropFirst()
            guard tail.isEmpty || tail.hasPrefix(":") else { throw invalid() }
            if !tail.isEmpty { port = tail.dropFirst() }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[colon...].dropFirst()
        }
        guard !host.isEmpty, !authority.contains("@") else { throw invalid() }
        if let port {
            guard let number = Int(port), (1...65_535).contains(number) else { throw invalid() }
            self.port = number
        } else {
            self.port = isSecure ? 443 : 80
        }
        self.host = String(host)
        self.authority = String(authority)
    }
}
