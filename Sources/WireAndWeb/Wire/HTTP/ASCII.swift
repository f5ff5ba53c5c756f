/// Bytes with a meaning in text protocols, and classes of them (RFC 9110 §5.6.2, RFC 3986 §2).
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon = UInt8(ascii: ":")
    static let crlf: [UInt8] = [0x0D, 0x0A]

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// A character of a token, such as a method or a field's name.
    static func isToken(_ byte: UInt8) -> Bool { contains(tokens, byte) }

    /// A character of a host with an optional port: unreserved, sub-delims, `%`, `:`, `[`, `]`.
    static func isHost(_ byte: UInt8) -> Bool { contains(hosts, byte) }

    static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

    /// The value of a hexadecimal digit.
    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x41 + 10)
        case 0x61...0x66: Int(byte - 0x61 + 10)
        default: nil
        }
    }

    /// A decimal number of one or more digits and nothing else; `nil` also when it doesn't fit.
    static func decimal(_ bytes: some Sequence<UInt8>) -> Int? {
        var value: Int?
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    private typealias Table = (UInt64, UInt64)

    /// A bit for each character: letters, digits and ``!#$%&'*+-.^_`|~``. Constants, so that nothing is looked up to use them.
    private static let tokens: Table = (0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)
    /// The same for letters, digits and `-._~!$&'()*+,;=%:[]`.
    private static let hosts: Table = (0x2FFF_7FF2_0000_0000, 0x47FF_FFFE_AFFF_FFFE)

    private static func contains(_ table: Table, _ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? table.0 >> UInt64(byte) : table.1 >> UInt64(byte - 64)) & 1 == 1
    }
}
