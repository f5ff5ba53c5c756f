/// Finds the first byte at which a text that arrives in pieces is not UTF-8 (Unicode 15, table 3-7).
struct UTF8Validator: Sendable {
    /// Continuation bytes that the last character still needs.
    private var needed = 0
    /// What the next of them may be.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether the text may end here.
    var isComplete: Bool { needed == 0 }

    /// Whether the text is still well formed with these bytes added.
    mutating func accepts(_ bytes: ArraySlice<UInt8>) -> Bool {
        if needed == 0, bytes.allASCII { return true }
        for byte in bytes {
            if needed == 0 {
                if byte < 0x80 { continue }
                guard begin(byte) else { return false }
            } else {
                guard allowed.contains(byte) else { return false }
                allowed = 0x80...0xBF
                needed -= 1
            }
        }
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: needed = 1
        case 0xE0...0xEF:
            needed = 2
            if byte == 0xE0 { allowed = 0xA0...0xBF }
            if byte == 0xED { allowed = 0x80...0x9F }
        case 0xF0...0xF4:
            needed = 3
            if byte == 0xF0 { allowed = 0x90...0xBF }
            if byte == 0xF4 { allowed = 0x80...0x8F }
        default: return false
        }
        return true
    }
}

extension ArraySlice<UInt8> {
    /// Without an early way out, so that many bytes are looked at together.
    fileprivate var allASCII: Bool { reduce(0) { $0 | $1 } < 0x80 }
}
