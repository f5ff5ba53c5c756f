package import FoundationEssentials

/// Discord's identifier of any object: 64 bits, of which the upper 42 are the time it was created. See Discord's Snowflakes
/// (reference#snowflakes).
///
/// Written as a string in JSON, since JavaScript can't hold it as a number; read from either.
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct Snowflake: RawRepresentable, Hashable, Sendable, Comparable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// From decimal digits as Discord writes them: no sign, no leading zero. Anything else is `nil`.
    package init?(_ text: some StringProtocol) {
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            text.utf8.first != 48 || text.utf8.count == 1, let value = UInt64(text)
        else { return nil }
        rawValue = value
    }

    /// The lowest identifier that could have been created at `date`; a bound for pagination.
    package init(at date: Date) {
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded()) - Int64(Self.epoch)
        rawValue = milliseconds <= 0 ? 0 : UInt64(milliseconds) << 22
    }

    /// The first millisecond of 2015, from which Discord counts.
    package static let epoch: UInt64 = 1_420_070_400_000

    /// When it was created, in milliseconds since 1970.
    package var milliseconds: Int64 { Int64((rawValue >> 22) + Self.epoch) }

    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    package static func < (left: Snowflake, right: Snowflake) -> Bool { left.rawValue < right.rawValue }
}

extension Snowflake: CustomStringConvertible, ExpressibleByIntegerLiteral, NeutralValue {
    package var description: String { String(rawValue) }
    package init(integerLiteral value: UInt64) { self.init(rawValue: value) }
    package static var neutral: Snowflake { 0 }
}

extension Snowflake: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            guard let value = Snowflake(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a snowflake")
            }
            self = value
        } else {
            rawValue = try container.decode(UInt64.self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// One identifier or several, where Discord takes both. Written as a list.
///
/// Errors: coding throws `DecodingError` and `EncodingError`.
package struct SnowflakeList: Codable, Hashable, Sendable {
    package var values: [Snowflake]

    package init(_ values: [Snowflake]) { self.values = values }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(Snowflake.self) {
            values = [one]
        } else {
            values = try container.decode([Snowflake].self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }
}
