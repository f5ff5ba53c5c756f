/// The path of a route: literal segments, `:name` for one segment, and last `*name` for all that remain.
struct RoutePattern {
    enum Segment: Equatable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    let text: String
    let segments: [Segment]

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "a route begins with a slash: \(text)")
        self.text = text
        segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).compactMap { part in
            if part.hasPrefix(":") { return .parameter(String(part.dropFirst())) }
            if part.hasPrefix("*") { return .rest(String(part.dropFirst())) }
            return .literal(String(part))
        }
        precondition(
            segments.dropLast().allSatisfy { if case .rest = $0 { false } else { true } },
            "only a route's last segment can stand for all the rest: \(text)")
        precondition(Set(names).count == names.count, "a route uses each name once: \(text)")
    }

    /// The placeholders' names in order.
    var names: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    static func join(_ prefix: String, _ path: String) -> String {
        if path == "/" || path.isEmpty { return prefix.isEmpty ? "/" : prefix }
        return (prefix == "/" ? "" : prefix) + path
    }
}
