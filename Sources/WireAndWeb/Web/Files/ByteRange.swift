/// What a `Range` field asks of a body of known length (RFC 9110, section 14).
enum ByteRange: Equatable {
    /// No range, one that isn't understood, or several: the whole body is sent.
    case whole
    case part(Range<Int>)
    /// None of the bytes asked for exists: 416.
    case unsatisfiable

    static func parse(_ field: String?, length: Int) -> ByteRange {
        guard let field, field.lowercased().hasPrefix("bytes=") else { return .whole }
        let sides = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ").joined() }
        guard sides.count == 2, sides.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return .whole
        }
        if sides[0].isEmpty {
            guard let suffix = number(sides[1]) else { return .whole }
            return suffix == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - suffix)..<length)
        }
        guard let first = number(sides[0]) else { return .whole }
        guard first < length else { return .unsatisfiable }
        if sides[1].isEmpty { return .part(first..<length) }
        guard let last = number(sides[1]), last >= first else { return .whole }
        return .part(first..<min(length, last == .max ? length : last + 1))
    }

    /// A number too great to hold is greater than any file.
    private static func number(_ digits: String) -> Int? { digits.isEmpty ? nil : Int(digits) ?? .max }
}
