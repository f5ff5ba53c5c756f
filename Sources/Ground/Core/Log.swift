import FoundationEssentials

/// Writes one line per event to standard error: time, level, label, event, and its fields. Nobody who logs waits for whoever
/// reads it (`LogWriter`).
///
/// Never log a secret, a token or the content of a message: only names, identifiers, counts and durations.
package struct Log: Sendable {
    /// How serious an event is.
    package enum Level: Int, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        package var name: String { "\(self)" }
    }

    /// How a line is written.
    package enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    package let label: String
    package let minimum: Level
    private let format: Format
    private let time: TimeSource
    private let sink: @Sendable (String, @escaping LogWriter.LossReport) -> Void

    /// What a value may have of bytes; what is longer came from outside, and is cut.
    private static let longestValue = 1024

    package init(
        label: String = "tandem", minimum: Level = .info, format: Format = .text, time: TimeSource = .system,
        writer: LogWriter = .standardError
    ) {
        self.init(label, minimum, format, time) { writer.write($0, reportingLoss: $1) }
    }

    /// - Parameter write: receives each finished line, without its line feed.
    package init(
        label: String = "tandem", minimum: Level = .info, format: Format = .text, time: TimeSource = .system,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.init(label, minimum, format, time) { line, _ in write(line) }
    }

    private init(
        _ label: String, _ minimum: Level, _ format: Format, _ time: TimeSource,
        _ sink: @escaping @Sendable (String, @escaping LogWriter.LossReport) -> Void
    ) {
        self.label = label
        self.minimum = minimum
        self.format = format
        self.time = time
        self.sink = sink
    }

    /// A log that discards everything.
    package static let none = Log(minimum: .error) { _ in }

    /// The same log for another part of the program.
    package func labelled(_ label: String) -> Log {
        Log(label, minimum, format, time, sink)
    }

    package func debug(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        if minimum <= .debug { emit(.debug, event, fields()) }
    }

    package func info(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        if minimum <= .info { emit(.info, event, fields()) }
    }

    package func warning(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        if minimum <= .warning { emit(.warning, event, fields()) }
    }

    package func error(_ event: String, _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]) {
        emit(.error, event, fields())
    }

    private func emit(_ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>) {
        sink(line(level, event, fields)) { count in
            line(.warning, "the log's reader fell behind, lines were dropped", ["lines": "\(count)"])
        }
    }

    private func line(_ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>) -> String {
        let date = time.date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch format {
        case .text:
            var line = "\(date) \(level.name) \(label): \(Self.printable(event))"
            for (name, value) in fields { line += " \(name)=\(Self.quoted(Self.cut(value)))" }
            return line
        case .json:
            var pairs = [("time", date), ("level", level.name), ("label", label), ("event", event)]
            pairs += fields.map { ($0.key, Self.cut($0.value)) }
            return "{" + pairs.map { "\(Self.json($0.0)):\(Self.json($0.1))" }.joined(separator: ",") + "}"
        }
    }

    private static func cut(_ value: String) -> String {
        guard value.utf8.count > longestValue else { return value }
        return String(decoding: value.utf8.prefix(longestValue), as: UTF8.self) + "…"
    }

    /// Escapes control characters, so that a value from outside can't forge a second line.
    private static func printable(_ text: String) -> String {
        text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? json(text) : text
    }

    private static func quoted(_ text: String) -> String {
        text.isEmpty || text.unicodeScalars.contains { $0.value <= 0x20 || $0 == "\"" || $0.value == 0x7F }
            ? json(text) : text
    }

    private static func json(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
