/// A request with a key chosen by its sender, so that sending it again changes nothing.
package struct Command: Sendable, Hashable {
    /// In the events that the command causes, the `command_id`.
    package let key: String
    /// A text that differs for different requests.
    package let fingerprint: String

    /// `nil` unless `key` is 1 to 128 of the letters, digits and `-._:~`.
    package init?(key: String, fingerprint: String) {
        let isWellFormed = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "~"):
                true
            default: false
            }
        }
        guard isWellFormed, (1...128).contains(key.utf8.count) else { return nil }
        self.key = key
        self.fingerprint = fingerprint
    }
}
