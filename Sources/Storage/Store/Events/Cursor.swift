/// How far a reader has come in an event log. As text it's `<epoch>-<number>`, such as `4f0c9d21a7b35e68-1042`.
package struct Cursor: Sendable, Hashable, CustomStringConvertible {
    /// Which log: a recreated or restored log has another epoch, and its numbers mean other events.
    package let epoch: String
    /// The number of the last event seen; 0 before the first.
    package let number: Int64

    /// - Precondition: `epoch` is 1 to 32 of `a…z`, `0…9`, and `number` is not negative.
    package init(epoch: String, number: Int64) {
        precondition(Self.isEpoch(epoch[...]) && number >= 0)
        self.epoch = epoch
        self.number = number
    }

    /// Nil unless `text` is exactly what `description` writes: no sign, no space, no leading zero, no other digits.
    package init?(_ text: Substring) {
        let bytes = text.utf8
        guard bytes.count <= 32 + 1 + 19, let dash = bytes.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        let epoch = String(text[..<dash])
        let digits = bytes[bytes.index(after: dash)...]
        guard Self.isEpoch(epoch[...]), let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
            return nil
        }
        var number: Int64 = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !tooLarge, !overflow else { return nil }
            number = sum
        }
        self.epoch = epoch
        self.number = number
    }

    /// The same.
    package init?(_ text: String) { self.init(text[...]) }

    package var description: String { "\(epoch)-\(number)" }

    /// A random epoch for a new log.
    package static func newEpoch() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isEpoch(_ text: Substring) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}
