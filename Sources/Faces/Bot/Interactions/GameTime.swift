import Core
import Scheduler

/// Reads the start of a game as users type it in a command. Times without an offset are UTC, since Discord doesn't report a
/// user's time zone.
package enum GameTime {
    /// The answer to a text that can't be read.
    package static let help = """
        I can't read that time. Write it as one of:
        • `2027-03-01 18:30` (UTC) or `2027-03-01 18:30 +02:00`
        • `today 20:00`, `tomorrow 20:00` (UTC, or with an offset such as `+02:00`)
        • `in 90 minutes`, `in 2 hours`, `in 3 days`
        • a Discord timestamp such as `<t:1803925800>`
        """

    /// Returns milliseconds since 1970; `nil` for a text in no known form.
    ///
    /// - Parameter now: for relative times, in milliseconds since 1970.
    package static func parse(_ text: String, now: Int64) -> Int64? {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
        guard (1...8).contains(words.count), text.utf8.count <= 100 else { return nil }
        if words.count == 1 { return timestamp(words[0]) ?? RFC3339.milliseconds(words[0].uppercased()) }
        switch words[0] {
        case "in": return relative(Array(words.dropFirst()), now)
        case "today": return onDay(now, Array(words.dropFirst()))
        case "tomorrow": return onDay(now + 86_400_000, Array(words.dropFirst()))
        default: return absolute(words)
        }
    }

    /// `<t:1803925800>` and `<t:1803925800:F>`.
    private static func timestamp(_ word: String) -> Int64? {
        guard word.hasPrefix("<t:"), word.hasSuffix(">") else { return nil }
        let parts = word.dropFirst(3).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0].utf8.count <= 12, let seconds = Int64(parts[0]) else {
            return nil
        }
        return seconds * 1000
    }

    /// `in 2 hours`, `in 2h`, `in 1 h 30 min`.
    private static func relative(_ words: [String], _ now: Int64) -> Int64? {
        var rest = words.joined()[...]
        var minutes: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard (1...5).contains(digits.count), let number = Int64(digits) else { return nil }
            switch unit {
            case "m", "min", "mins", "minute", "minutes": minutes += number
            case "h", "hour", "hours": minutes += number * 60
            case "d", "day", "days": minutes += number * 1440
            case "w", "week", "weeks": minutes += number * 10_080
            default: return nil
            }
        }
        return minutes > 0 ? now + Duration.seconds(minutes * 60).milliseconds : nil
    }

    /// `2027-03-01 18:30`, with an offset or without.
    private static func absolute(_ words: [String]) -> Int64? {
        guard words.count <= 3, let time = time(words[1]), let offset = offset(words.dropFirst(2).first) else {
            return nil
        }
        return RFC3339.milliseconds("\(words[0])T\(time)\(offset)")
    }

    /// A time on the day of `moment`, by the calendar of the offset.
    private static func onDay(_ moment: Int64, _ words: [String]) -> Int64? {
        guard (1...2).contains(words.count), let time = time(words[0]), let offset = offset(words.dropFirst().first)
        else { return nil }
        // The date there at that moment: the offset is how much later it is there than in UTC.
        guard let midnight = RFC3339.milliseconds("1970-01-01T00:00:00\(offset)") else { return nil }
        let date = RFC3339.text(moment - midnight).prefix(10)
        return RFC3339.milliseconds("\(date)T\(time)\(offset)")
    }

    /// `18:30` or `8:30`, in the form of RFC 3339.
    private static func time(_ word: String) -> String? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2 else { return nil }
        return "\(parts[0].count == 1 ? "0" : "")\(word):00"
    }

    /// `utc`, `z`, `+2`, `+02:00`, `utc+2`; UTC if there is none. `nil` for anything else.
    private static func offset(_ word: String?) -> String? {
        guard var word = word?[...] else { return "Z" }
        if word.hasPrefix("utc") || word.hasPrefix("gmt") { word = word.dropFirst(3) }
        if word.isEmpty || word == "z" { return "Z" }
        guard let sign = word.first, sign == "+" || sign == "-" else { return nil }
        let parts = word.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), (1...2).contains(parts[0].count) else { return nil }
        let hours = parts[0].count == 1 ? "0\(parts[0])" : String(parts[0])
        return "\(sign)\(hours):\(parts.count == 2 ? String(parts[1]) : "00")"
    }
}
