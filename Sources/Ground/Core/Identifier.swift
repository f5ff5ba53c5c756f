import FoundationEssentials

/// Makes identifiers that are globally unique and reveal nothing.
package enum Identifier {
    /// A random UUID (RFC 9562, version 4) in lower case.
    package static func random() -> String { UUID().uuidString.lowercased() }

    /// Whether `text` has the form of an identifier that `random()` makes.
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                switch byte {
                case UInt8(ascii: "-"): [8, 13, 18, 23].contains(index)
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                    ![8, 13, 18, 23].contains(index)
                default: false
                }
            }
    }
}
