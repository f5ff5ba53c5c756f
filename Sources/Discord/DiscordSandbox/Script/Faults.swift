import Core

/// The faults that `POST /sandbox/faults` has asked for.
package struct Faults: Sendable, Equatable {
    /// The next requests are answered 429.
    package struct RateLimiting: Sendable, Equatable {
        package var count: Int
        /// `user`, `global` or `shared`.
        package var scope: String
        package var retryAfter: Duration
        /// Only requests whose path (after the version) begins with this.
        package var path: String?
    }

    /// The next requests are answered with this 5xx status.
    package struct ServerErrors: Sendable, Equatable {
        package var count: Int
        package var status: Int
        package var path: String?
    }

    package var rateLimiting: RateLimiting?
    package var serverErrors: ServerErrors?
    /// How much later REST answers are sent.
    package var latency = Duration.zero
    /// Whether heartbeats are not acknowledged.
    package var ignoresHeartbeats = false
    /// The heartbeat interval that Hello asks of new connections.
    package var heartbeatInterval: Duration?

    package init() {}

    /// Uses up one of the 429s, if one is due for this path.
    mutating func takeRateLimit(path: String) -> RateLimiting? {
        guard let due = rateLimiting, due.count > 0, due.path.map(path.hasPrefix) ?? true else { return nil }
        rateLimiting = due.count > 1 ? with(due) { $0.count -= 1 } : nil
        return due
    }

    mutating func takeServerError(path: String) -> Int? {
        guard let due = serverErrors, due.count > 0, due.path.map(path.hasPrefix) ?? true else { return nil }
        serverErrors = due.count > 1 ? with(due) { $0.count -= 1 } : nil
        return due.status
    }

    private func with<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
        var copy = value
        change(&copy)
        return copy
    }

    var json: JSON {
        [
            "rate_limit": rateLimiting.map {
                [
                    "count": .int($0.count), "scope": .string($0.scope),
                    "retry_after": .number(Double($0.retryAfter.milliseconds) / 1000), "path": .text($0.path),
                ]
            } ?? nil,
            "server_errors": serverErrors.map {
                ["count": .int($0.count), "status": .int($0.status), "path": .text($0.path)]
            } ?? nil,
            "latency_ms": .integer(latency.milliseconds), "ignore_heartbeats": .bool(ignoresHeartbeats),
            "heartbeat_interval_ms": heartbeatInterval.map { .integer($0.milliseconds) } ?? nil,
        ]
    }
}
