/// Who makes a request.
enum Caller: Sendable, Equatable {
    case nobody
    case bot(UInt64)
    /// A user that has authorized an application.
    case user(UInt64, scopes: Set<String>, applicationID: UInt64)
}

/// One request of the REST API, parsed for its route.
struct Call: Sendable {
    let method: String
    let parameters: [String: String]
    let query: [(name: String, value: String)]
    let body: JSON
    let caller: Caller
    /// Fields of a form-encoded body.
    let fields: [String: String]
    /// The caller's `Authorization: Basic`, decoded.
    let basic: (name: String, password: String)?
    let host: String

    /// The calling bot. Only for routes that require one.
    var bot: UInt64 { if case .bot(let id) = caller { id } else { 0 } }

    func id(_ name: String) throws(Refusal) -> UInt64 {
        let text = parameters[name] ?? ""
        guard let id = JSON.string(text).snowflake else {
            throw FormReport.refusal([name + "_id"], "NUMBER_TYPE_COERCE", "Value \"\(text)\" is not snowflake.")
        }
        return id
    }

    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    func integer(_ name: String, _ range: ClosedRange<Int>, default fallback: Int) throws(Refusal) -> Int {
        guard let text = query(name) else { return fallback }
        guard let value = Int(text) else {
            throw FormReport.refusal([name], "NUMBER_TYPE_COERCE", "Value \"\(text)\" is not int.")
        }
        guard value <= range.upperBound else {
            throw FormReport.refusal(
                [name], "NUMBER_TYPE_MAX", "int value should be less than or equal to \(range.upperBound).")
        }
        guard value >= range.lowerBound else {
            throw FormReport.refusal(
                [name], "NUMBER_TYPE_MIN", "int value should be greater than or equal to \(range.lowerBound).")
        }
        return value
    }

    /// The body as a form. A body that is not an object counts as empty.
    var form: Form { Form(body.isObject ? body : [:]) }
}

/// A route's answer.
struct Reply: Sendable {
    var status = 200
    /// `nil`: no body.
    var body: JSON?

    static let noContent = Reply(status: 204)
    static func ok(_ body: JSON) -> Reply { Reply(body: body) }
    static func created(_ body: JSON) -> Reply { Reply(status: 201, body: body) }
}

/// One route of the REST API, without its version prefix.
struct Route: Sendable {
    enum Access: Sendable {
        /// Any caller; the path itself may contain a token.
        case open
        case bot
        /// A bot, or a user's token with one of these scopes.
        case botOrUser(scopes: Set<String>)
        case user(scopes: Set<String>)
    }

    typealias Handler = @Sendable (inout Realm.State, Call) throws(Refusal) -> Reply

    let method: String
    /// Segments; those that begin with `:` are parameters.
    let segments: [Substring]
    let access: Access
    /// `nil`: without a bucket, as interaction callbacks are.
    let rule: RateLimits.Rule?
    /// The name of the bucket that the request counts against.
    let bucket: String
    let handler: Handler

    init(
        _ method: String, _ path: String, _ access: Access = .bot, limit: Int? = 20, per window: Duration = .seconds(5),
        bucket: String? = nil, _ handler: @escaping Handler
    ) {
        self.method = method
        segments = path.split(separator: "/")
        self.access = access
        rule = limit.map { RateLimits.Rule($0, per: window) }
        self.bucket = bucket ?? "\(method) \(path)"
        self.handler = handler
    }

    /// Returns the parameters when `path` matches this route.
    func match(_ path: [Substring]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, piece) in zip(segments, path) {
            if segment.hasPrefix(":") {
                parameters[String(segment.dropFirst())] = String(piece)
            } else if segment != piece {
                return nil
            }
        }
        return parameters
    }

    /// The major parameter: different channels, guilds and webhooks are counted separately.
    func major(_ parameters: [String: String]) -> String {
        switch segments.first {
        case "channels": parameters["channel"] ?? ""
        case "guilds": parameters["guild"] ?? ""
        case "webhooks": (parameters["application"] ?? "") + "/" + (parameters["token"] ?? "")
        default: ""
        }
    }

    /// All routes. Literal segments come before parameters where both would match.
    static let all: [Route] =
        GatewayRoutes.all + UserRoutes.all + OAuthAPIRoutes.all + CommandRoutes.all + ChannelRoutes.all
        + MessageRoutes.all + GuildRoutes.all + MemberRoutes.all + RoleRoutes.all + EventRoutes.all
        + InteractionRoutes.all
}
