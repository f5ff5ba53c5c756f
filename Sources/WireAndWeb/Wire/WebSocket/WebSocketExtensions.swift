/// The list in `Sec-WebSocket-Extensions` (RFC 6455 §9.1).
struct WebSocketExtension: Equatable {
    var name: String
    var parameters: [(name: String, value: String?)]

    static func == (left: WebSocketExtension, right: WebSocketExtension) -> Bool {
        left.name == right.name && left.parameters.elementsEqual(right.parameters, by: ==)
    }

    /// - Returns: `nil` where the list isn't well formed.
    static func list(in headers: Headers) -> [WebSocketExtension]? {
        var list: [WebSocketExtension] = []
        for value in headers.all("Sec-WebSocket-Extensions") {
            guard let elements = split(value, at: UInt8(ascii: ",")) else { return nil }
            for element in elements {
                guard let parts = split(element, at: UInt8(ascii: ";")), let name = parts.first, isToken(name) else {
                    return nil
                }
                var entry = WebSocketExtension(name: name, parameters: [])
                for part in parts.dropFirst() {
                    guard let parameter = parameter(part) else { return nil }
                    entry.parameters.append(parameter)
                }
                list.append(entry)
            }
        }
        return list
    }

    /// `name`, `name=token` or `name="token"`.
    private static func parameter(_ text: String) -> (name: String, value: String?)? {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            return isToken(text) ? (text, nil) : nil
        }
        let name = String(Headers.trimmed(text[..<equals].utf8))
        var value = Headers.trimmed(text[equals...].dropFirst().utf8)
        if value.utf8.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        guard isToken(name), isToken(String(value)) else { return nil }
        return (name, String(value))
    }

    /// The pieces without the space around them, and `nil` if one is empty. A quoted value is a token in the end, so it holds no
    /// separator that counts.
    private static func split(_ text: String, at separator: UInt8) -> [String]? {
        let parts = text.utf8.split(separator: separator, omittingEmptySubsequences: false)
            .map { String(Headers.trimmed($0)) }
        return parts.contains("") ? nil : parts
    }

    private static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(ASCII.isToken) }
}
