/// The limits that an answer names, as durations from now, never as times of day. See Discord's Rate Limits
/// (topics/rate-limits).
package struct RateLimitAnswer: Hashable, Sendable {
    /// What a 429 limits.
    package enum Scope: String, Hashable, Sendable {
        /// The bot's own limit for this route.
        case user
        /// The bot's own limit for all routes.
        case global
        /// A limit shared with other clients; doesn't count as an invalid request.
        case shared
        /// Not sent by Discord itself: the network in front of it refuses this address.
        case address
    }

    package var status: Int
    package var bucket: String?
    package var limit: Int?
    package var remaining: Int?
    package var resetAfter: Duration?
    /// Only with status 429, and with 503 when the server names a time.
    package var retryAfter: Duration?
    package var scope: Scope?

    package init(
        status: Int, bucket: String? = nil, limit: Int? = nil, remaining: Int? = nil, resetAfter: Duration? = nil,
        retryAfter: Duration? = nil, scope: Scope? = nil
    ) {
        self.status = status
        self.bucket = bucket
        self.limit = limit
        self.remaining = remaining
        self.resetAfter = resetAfter
        self.retryAfter = retryAfter
        self.scope = scope
    }

    /// - Parameters:
    ///   - header: looks up a header by its lower-case name.
    ///   - body: the error's description, when the answer had one that could be read.
    init(status: Int, header: (String) -> String?, body: ErrorBody?) {
        self.init(
            status: status, bucket: header("x-ratelimit-bucket"),
            limit: header("x-ratelimit-limit").flatMap { Int($0) },
            remaining: header("x-ratelimit-remaining").flatMap { Int($0) },
            resetAfter: header("x-ratelimit-reset-after").flatMap(Self.seconds))
        guard status == 429 || status == 503 else { return }
        retryAfter = body?.retryAfter.flatMap(Self.duration) ?? header("retry-after").flatMap(Self.seconds)
        guard status == 429 else { return }
        if body?.global == true || header("x-ratelimit-global")?.lowercased() == "true" {
            scope = .global
        } else if let named = header("x-ratelimit-scope").flatMap(Scope.init(rawValue:)) {
            scope = named
        } else {
            scope = body?.retryAfter != nil || bucket != nil ? .user : .address
        }
    }

    private static func seconds(_ text: String) -> Duration? { Double(text).flatMap(duration) }

    /// `nil` for anything that is not a sensible time, such as infinity or a year.
    private static func duration(_ seconds: Double) -> Duration? {
        seconds.isFinite && seconds >= 0 && seconds < 86_400 * 365 ? .seconds(seconds) : nil
    }
}
