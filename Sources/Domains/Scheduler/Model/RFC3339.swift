import FoundationEssentials

/// Reads and writes times as RFC 3339 has them, as milliseconds since 1970.
package enum RFC3339 {
    /// Writes a time in UTC, with a fraction only if there is one: `2027-03-01T18:00:00Z`.
    package static func text(_ milliseconds: Int64) -> String {
        // The fraction is written separately: in a floating-point number it would lose its last digit.
        let fraction = (milliseconds % 1000 + 1000) % 1000
        let second = Date(timeIntervalSince1970: Double((milliseconds - fraction) / 1000)).formatted(.iso8601)
        guard fraction != 0 else { return second }
        return second.dropLast() + "." + String(1000 + fraction).dropFirst() + "Z"
    }

    /// Reads a time. Returns `nil` unless `text` is a date that exists, `T`, a time, and `Z` or an offset. A leap second counts
    /// as the second
    /// before it; digits beyond milliseconds are dropped.
    package static func milliseconds(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard rest.count <= 40, let year = number(&rest, 4), skip(&rest, "-"), let month = number(&rest, 2),
            skip(&rest, "-"), let day = number(&rest, 2), skip(&rest, "T") || skip(&rest, "t"),
            let hour = number(&rest, 2), skip(&rest, ":"), let minute = number(&rest, 2), skip(&rest, ":"),
            let second = number(&rest, 2)
        else { return nil }
        guard (1...12).contains(month), (1...days(in: month, of: year)).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(&rest, ".") {
            var scale: Int64 = 100
            guard let first = rest.first, isDigit(first) else { return nil }
            while let byte = rest.first, isDigit(byte) {
                fraction += Int64(byte - UInt8(ascii: "0")) * scale
                scale /= 10
                rest.removeFirst()
            }
        }
        guard let offset = offset(&rest), rest.isEmpty else { return nil }
        let seconds =
            daysSince1970(year, month, day) * 86_400 + Int64(hour) * 3600 + Int64(minute) * 60
            + Int64(min(second, 59)) - offset * 60
        return seconds * 1000 + fraction
    }

    /// Minutes east of Greenwich.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        if skip(&rest, "Z") || skip(&rest, "z") { return 0 }
        let isNegative = skip(&rest, "-")
        guard isNegative || skip(&rest, "+"), let hours = number(&rest, 2), skip(&rest, ":"),
            let minutes = number(&rest, 2), hours < 24, minutes < 60
        else { return nil }
        let total = Int64(hours * 60 + minutes)
        return isNegative ? -total : total
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ digits: Int) -> Int? {
        let part = rest.prefix(digits)
        guard part.count == digits, part.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Years are counted from March, so that the leap day ends one (Howard Hinnant, "chrono-compatible low-level date
    /// algorithms").
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
