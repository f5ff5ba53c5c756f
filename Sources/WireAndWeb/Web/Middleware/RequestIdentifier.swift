import Synchronization
package import Wire

/// How requests get the identifier under which they are found in the log.
package enum RequestIdentifier {
    package static let header = "x-request-id"

    /// Returns the client's (or proxy's) own identifier for the request when it is harmless, otherwise a new one.
    package static func choose(from headers: Headers) -> String {
        if let given = headers[header], isAcceptable(given) { return given }
        return new()
    }

    private static let last = Atomic<UInt64>(.random(in: .min ... .max))

    /// 13 characters, which a string holds without memory of its own: a sequence from a random beginning that doesn't tell how
    /// many requests there were and repeats itself after 2⁶⁴ of them (SplitMix64).
    private static func new() -> String {
        var mixed = last.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return unsafe String(unsafeUninitializedCapacity: 13) { bytes in
            for index in 0..<13 {
                unsafe bytes[index] = digit(mixed & 31)
                mixed >>= 5
            }
            return 13
        }
    }

    /// Of base 32, without letters that look like digits.
    private static func digit(_ value: UInt64) -> UInt8 {
        if value < 10 { return UInt8(ascii: "0") + UInt8(value) }
        let letters: StaticString = "abcdefghjkmnpqrstvwxyz"
        return unsafe letters.utf8Start[Int(value) - 10]
    }

    private static func isAcceptable(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
