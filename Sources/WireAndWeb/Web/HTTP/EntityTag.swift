package import Wire

/// Entity tags (RFC 9110, section 8.8.3) and the requests that ask whether one still holds.
package enum EntityTag {
    /// Whether `If-None-Match` names this tag, by the weak comparison (sections 8.8.3.2 and 13.1.2), or any with `*`. Then
    /// the response to GET and HEAD is 304.
    package static func isKnown(_ tag: String, to request: Headers) -> Bool {
        let fields = request.all("if-none-match")
        guard !fields.isEmpty else { return false }
        let opaque = opaque(tag[...])
        return fields.contains { field in
            field == tag || field.split(separator: " ") == ["*"] || tags(in: field).contains { $0 == opaque }
        }
    }

    /// The tag without the mark of a weak one.
    private static func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }

    /// The quoted parts of the list: a tag may hold commas. What isn't well-formed ends it.
    private static func tags(in field: String) -> [Substring] {
        var tags: [Substring] = []
        var rest = field.utf8[...]
        while true {
            rest = rest.drop { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            if rest.starts(with: "W/".utf8) { rest = rest.dropFirst(2) }
            guard rest.first == UInt8(ascii: "\""),
                let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "\""))
            else { return tags }
            tags.append(Substring(rest[...end]))
            rest = rest[rest.index(after: end)...]
        }
    }
}
