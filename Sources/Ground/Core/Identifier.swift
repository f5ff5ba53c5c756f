import FoundationEssentials

/// Makes identifiers that are globally unique and reveal nothing.
package enum Identifier {
    /// A random UUID (RFC 9562, version 4) in lower case.
    package static func random() -> String { UUID().uuidString.lowercased() }

    /// Whether `text` has the form of an identifier that `random()` makes.
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count == 36 && UUID(uuidString: text) != nil && text == text.lowercased()
    }
}
