/// Finds the route of a path. A literal segment takes precedence over a placeholder, a placeholder over a rest.
struct RouteTree: Sendable {
    struct Endpoint: Sendable {
        let names: [String]
        let handler: Handler
        let direct: DirectHandler?
        let bodyLimit: Int
    }

    struct Match: Sendable {
        let routes: [String: Endpoint]
        let values: [String]

        func endpoint(for method: String) -> Endpoint? { routes[method] ?? (method == "HEAD" ? routes["GET"] : nil) }

        func parameters(of endpoint: Endpoint) -> [String: String] {
            endpoint.names.isEmpty ? [:] : Dictionary(uniqueKeysWithValues: zip(endpoint.names, values))
        }
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
        _ method: String, _ pattern: RoutePattern, _ handler: @escaping Handler, direct: DirectHandler? = nil,
        bodyLimit: Int = .max
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
            Endpoint(names: pattern.names, handler: handler, direct: direct, bodyLimit: bodyLimit), forKey: method)
        if pattern.names.isEmpty { constants[pattern.text] = nodes[position].routes }
        precondition(previous == nil, "there are two routes for \(method) \(pattern.text)")
    }

    /// The routes of a path as it is sent.
    func match(path: String) -> Match? { constant(path) ?? Self.segments(of: path).flatMap(match) }

    /// What may answer such a request at once, with the values of its path's placeholders.
    func direct(_ request: Request) -> (handler: DirectHandler, parameters: [String: String])? {
        guard let match = match(path: request.path),
            let endpoint = match.endpoint(for: request.method), let handler = endpoint.direct
        else { return nil }
        return (handler, match.parameters(of: endpoint))
    }

    /// The routes of a path that has no placeholder and needs no decoding.
    func constant(_ path: String) -> Match? { constants[path].map { Match(routes: $0, values: []) } }

    /// The decoded segments; nil when the path isn't well-formed or contains `.` or `..`.
    static func segments(of path: String) -> [String]? {
        let bytes = path.utf8
        guard bytes.first == UInt8(ascii: "/") else { return nil }
        let isEncoded = bytes.contains(UInt8(ascii: "%"))
        var segments: [String] = []
        for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let part = Substring(part)
            guard let segment = isEncoded ? PercentEncoding.decode(part) : String(part), segment != ".",
                segment != "..",
                !segment.utf8.contains(0)
            else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// The same path with a slash at its end, or without it.
    static func toggled(_ segments: [String]) -> [String] {
        segments.last == "" && segments.count > 1 ? segments.dropLast() : segments + [""]
    }

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
