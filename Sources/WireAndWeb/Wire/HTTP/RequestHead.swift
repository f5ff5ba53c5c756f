/// The first part of a request: what is asked for, and its fields.
package struct RequestHead: Sendable, Equatable {
    /// A token such as `GET`; case matters.
    package var method: String
    /// As it stood in the request line: visible ASCII only, percent-encoding untouched. See `pathAndQuery`.
    package var target: String
    /// 0 or 1, for HTTP/1.0 and HTTP/1.1.
    package var minorVersion: Int
    package var headers: Headers

    package init(method: String, target: String, minorVersion: Int = 1, headers: Headers = [:]) {
        self.method = method
        self.target = target
        self.minorVersion = minorVersion
        self.headers = headers
    }

    /// Whether the sender wants the connection kept after this exchange (RFC 9112 §9.3).
    package var keepsAlive: Bool {
        if headers.lists("close", in: "Connection") { return false }
        return minorVersion >= 1 || headers.lists("keep-alive", in: "Connection")
    }

    /// Whether the sender waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package var expectsContinue: Bool {
        minorVersion >= 1 && headers["Expect"].map { Headers.same($0, "100-continue") } == true
    }

    /// Whether the sender asks to go over to this protocol, such as `websocket`.
    package func upgrades(to name: String) -> Bool {
        minorVersion >= 1 && headers.lists("Upgrade", in: "Connection") && headers.lists(name, in: "Upgrade")
    }

    /// The part of the target from its path on: `/a?b=c` whether the target was that or `http://host/a?b=c`; `*` for
    /// `OPTIONS *`; empty for CONNECT.
    package var pathAndQuery: String {
        guard !target.utf8.starts(with: "/".utf8), target != "*" else { return target }
        guard let rest = absolute?.rest else { return "" }
        return rest.utf8.first == UInt8(ascii: "/") ? String(rest) : "/" + rest
    }

    /// Host and port that the request is for: from an absolute target where there is one, which outranks the field
    /// (RFC 9112 §3.2.2), else from `Host`.
    package var authority: String? {
        if let absolute { return String(absolute.authority) }
        return headers["Host"]
    }

    /// The parts of an absolute target, such as `http://host:80/path?query`.
    private var absolute: (authority: Substring, rest: Substring)? {
        let bytes = target.utf8
        guard bytes.first != UInt8(ascii: "/"), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let after = bytes[colon...].dropFirst()
        guard after.starts(with: "//".utf8) else { return nil }
        let hierarchy = after.dropFirst(2)
        let end =
            hierarchy.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? hierarchy.endIndex
        return (Substring(hierarchy[..<end]), Substring(hierarchy[end...]))
    }
}
