/// Where to connect, and how often a bot may identify. See Discord's Get Gateway Bot (events/gateway#get-gateway-bot).
package struct GatewayBot: Codable, Hashable, Sendable {
    package var url: String
    package var shards: Int
    package var sessionStartLimit: SessionStartLimit

    package init(url: String, shards: Int, sessionStartLimit: SessionStartLimit) {
        self.url = url
        self.shards = shards
        self.sessionStartLimit = sessionStartLimit
    }

    private enum CodingKeys: String, CodingKey {
        case url, shards
        case sessionStartLimit = "session_start_limit"
    }
}

/// How many sessions a bot may start. See Discord's Session Start Limit Object
/// (events/gateway#session-start-limit-object).
package struct SessionStartLimit: Codable, Hashable, Sendable {
    package var total: Int
    package var remaining: Int
    /// Milliseconds until `remaining` is `total` again.
    package var resetAfter: Int
    /// Sessions that may be started per 5 s.
    package var maxConcurrency: Int

    package init(total: Int, remaining: Int, resetAfter: Int, maxConcurrency: Int) {
        self.total = total
        self.remaining = remaining
        self.resetAfter = resetAfter
        self.maxConcurrency = maxConcurrency
    }

    private enum CodingKeys: String, CodingKey {
        case total, remaining
        case resetAfter = "reset_after"
        case maxConcurrency = "max_concurrency"
    }
}
