/// Finds the route of a path. A literal segment takes precedence over a placeholder, a placeholder over a rest.
struct RouteTree: Sendable {
    struct Endpoint: Sendable {
        let names: [String]
        let handler: Handler
        let direct: DirectHandler?
    }

    struct Match: Sendable {
        let routes: [String: Endpoint]
        let values: [String]
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var rest: Int?
        var routes: [String: Endpoint] = [:]
    }

    private var nodes = [Node()]
    /// The routes of paths without placeholders, which come before all others, by the path as it is sent.
    private var constants: [String: [String: Endpoint]] = [:]

    mutating func insert(
        _ method: String, _ pattern: RoutePattern, _ handler: @escaping Handler, direct: DirectHandler? = nil
    ) {
        var position = 0
        for segment in pattern.segments {
            let next: Int
            switch segment {
            case .literal(let text): next = nodes[position].literals[text] ?? nodes.count
            case .parameter: next = nodes[position].parameter ?? nodes.count
            case .rest: next = nodes[position].rest ?? nodes.count
            }
            if next == nodes.count {
                nodes.append(Node())
                switch segment {
                case .literal(let text): nodes[position].literals[text] = next
                case .parameter: nodes[position].parameter = next
                case .rest: nodes[position].rest = next
                }
            }
            position = next
        }
        let previous = nodes[position].routes.updateValue(
            Endpoint(names: pattern.names, handler: handler, direct: direct), forKey: method)
        if pattern.names.isEmpty { constants[pattern.text] = nodes[position].routes }
        precondition(previous == nil, "there are two routes for \(method) \(pattern.text)")
    }

    /// What answers such a request at once.
    func direct(_ method: String, _ path: String) -> DirectHandler? {
        constants[path]?[method == "HEAD" ? "GET" : method]?.direct
    }

    /// The routes of a path that has no placeholder and needs no decoding.
    func constant(_ path: String) -> Match? { constants[path].map { Match(routes: $0, values: []) } }

    /// - Parameter segments: percent-decoded.
    func match(_ segments: [String]) -> Match? { match(segments[...], at: 0, values: []) }

    private func match(_ segments: ArraySlice<String>, at position: Int, values: [String]) -> Match? {
        let node = nodes[position]
        guard let segment = segments.first else {
            return node.routes.isEmpty ? nil : Match(routes: node.routes, values: values)
        }
        if let next = node.literals[segment], let match = match(segments.dropFirst(), at: next, values: values) {
            return match
        }
        if let next = node.parameter, !segment.isEmpty,
            let match = match(segments.dropFirst(), at: next, values: values + [segment])
        {
            return match
        }
        if let next = node.rest, !nodes[next].routes.isEmpty {
            return Match(routes: nodes[next].routes, values: values + [segments.joined(separator: "/")])
        }
        return nil
    }
}
