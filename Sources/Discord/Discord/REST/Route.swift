import Web

/// The method and path of a request, and which limit it counts against.
package struct Route: Hashable, Sendable {
    /// The HTTP method.
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package let method: Method
    /// The path with `{}` for each identifier, which requests of one kind have in common. Safe to log.
    package let template: String
    /// The path as sent, below the base URL. May hold an interaction's token: never log it.
    let path: String
    /// The major parameter, for which Discord counts separately within a bucket: the channel, the guild, or the webhook with
    /// its token.
    let major: String
    /// Answers to interactions don't count against the bot's global limit.
    let countsGlobally: Bool
    /// Whether it goes before those of its queue that don't, where the order doesn't matter.
    let goesFirst: Bool

    /// - Parameter majors: how many of the values, from the first, are the major parameter.
    package init(
        _ method: Method, _ template: String, _ values: String..., majors: Int = 0, query: [(String, String)] = [],
        countsGlobally: Bool = true, goesFirst: Bool = false
    ) {
        precondition(majors <= values.count)
        self.method = method
        self.template = template
        self.countsGlobally = countsGlobally
        self.goesFirst = goesFirst
        major = values.prefix(majors).joined(separator: "/")
        var path = ""
        var rest = values[...]
        for character in template {
            if character == "{" {
                path += PercentEncoding.encode(rest.removeFirst())
            } else if character != "}" {
                path.append(character)
            }
        }
        precondition(rest.isEmpty, "a value for each placeholder of \(template)")
        if !query.isEmpty { path += "?" + FormFields(query.map { (name: $0.0, value: $0.1) }).encoded }
        self.path = path
    }

    /// A fixed path whose limit depends on something that the path doesn't contain.
    init(_ method: Method, _ path: String, limitedBy major: String, countsGlobally: Bool) {
        self.method = method
        template = path
        self.path = path
        self.major = major
        self.countsGlobally = countsGlobally
        goesFirst = false
    }

    /// The kind of request that Discord names a bucket for.
    var kind: String { "\(method.rawValue) \(template)" }

    /// Whether sending it twice has the effect of sending it once (RFC 9110, section 9.2.2; Discord's PATCH sets values).
    var isIdempotent: Bool { method != .post }
}
