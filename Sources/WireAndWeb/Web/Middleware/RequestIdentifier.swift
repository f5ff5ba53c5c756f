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

    /// This process's half of each new identifier.
    private static let process = UInt64.random(in: .min ... .max)
    private static let last = Atomic<UInt64>(.random(in: .min ... .max))

    /// 32 hexadecimal digits: those of the process, then a sequence that doesn't tell how many requests there were and repeats
    /// itself after 2⁶⁴ of them (SplitMix64).
    private static func new() -> String {
        var mixed = last.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let halves = (process, mixed)
        return unsafe String(unsafeUninitializedCapacity: 32) { bytes in
            for index in 0..<16 {
                let shift = UInt64(60 - 4 * index)
                unsafe bytes[index] = digit(halves.0 >> shift & 15)
                unsafe bytes[16 + index] = digit(halves.1 >> shift & 15)
            }
            return 32
        }
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        UInt8(value) + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
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
