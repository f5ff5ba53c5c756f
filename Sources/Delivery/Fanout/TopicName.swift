/// The rule for topic names.
package enum TopicName {
    /// Returns whether `name` has 1 to 200 characters out of `A–Z a–z 0–9 / _ . : -`, so that it needs no escaping
    /// anywhere.
    package static func isValid(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
