/// A cookie as the server sets it (RFC 6265, section 4.1). Never readable by scripts unless asked for.
package struct Cookie: Sendable, Equatable {
    /// On which requests a browser sends the cookie (RFC 6265bis, section 4.1.2.7).
    package enum SameSite: String, Sendable { case lax = "Lax", strict = "Strict", none = "None" }

    package var name: String
    package var value: String
    package var path: String
    /// How long the browser keeps it; nil: until the browser is closed.
    package var maxAge: Duration?
    package var isSecure: Bool
    package var isHTTPOnly: Bool
    package var sameSite: SameSite

    /// - Parameter isSecure: give `request.isSecure`, so that the cookie works on plain HTTP on a laptop and never travels
    ///   unencrypted where the site has TLS.
    package init(
        _ name: String, _ value: String, path: String = "/", maxAge: Duration? = nil, isSecure: Bool,
        isHTTPOnly: Bool = true, sameSite: SameSite = .lax
    ) {
        precondition(Self.isToken(name), "a cookie's name is a token")
        precondition(
            value.utf8.allSatisfy(Self.isValueByte), "a cookie's value has no spaces, quotes, commas or semicolons")
        self.name = name
        self.value = value
        self.path = path
        self.maxAge = maxAge
        self.isSecure = isSecure
        self.isHTTPOnly = isHTTPOnly
        self.sameSite = sameSite
    }

    /// A cookie that makes the browser forget the one of that name and path.
    package static func removal(of name: String, path: String = "/", isSecure: Bool) -> Cookie {
        Cookie(name, "", path: path, maxAge: .zero, isSecure: isSecure)
    }

    /// The value of the `Set-Cookie` field.
    package var header: String {
        var text = "\(name)=\(value); Path=\(path)"
        if let maxAge { text += "; Max-Age=\(maxAge.components.seconds)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }

    /// The names and values of `Cookie` fields (RFC 6265, section 4.2). Malformed parts are left out; of two with one name
    /// the first counts, since browsers send the more specific path first.
    static func parse(_ fields: [String]) -> [String: String] {
        var cookies: [String: String] = [:]
        for part in fields.joined(separator: ";").split(separator: ";") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            let name = trimmed(sides[0])
            var value = trimmed(sides[1])
            if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            guard isToken(name), value.utf8.allSatisfy(isValueByte), cookies[name] == nil else { continue }
            cookies[name] = value
        }
        return cookies
    }

    /// The value of the cookie if the field has no other and the value only letters, digits, `-` and `_`: what most requests
    /// send, without taking it apart. `nil` says nothing.
    static func only(_ name: String, in field: String) -> String? {
        let (name, bytes) = (name.utf8, field.utf8)
        guard bytes.count > name.count + 1, bytes.starts(with: name) else { return nil }
        let rest = bytes.dropFirst(name.count)
        guard rest.first == UInt8(ascii: "=") else { return nil }
        let value = rest.dropFirst()
        let isPlain = value.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isPlain ? String(Substring(value)) : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
            }
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\",;\\".utf8.contains(byte)
    }
}
