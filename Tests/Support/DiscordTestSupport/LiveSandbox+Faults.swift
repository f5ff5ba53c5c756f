package import DiscordSandbox

/// What may go wrong, by the sandbox's own names.
extension LiveSandbox {
    package func fault(_ body: JSON) throws { _ = try script.setFaults(body) }

    package func drop() throws { try fault(["drop": true]) }
    package func askToReconnect() throws { try fault(["reconnect": true]) }
    package func invalidate(resumable: Bool) throws { try fault(["invalid_session": resumable ? true : "new"]) }
    package func close(_ code: Int) throws { try fault(["close": .int(code)]) }
    package func ignoreHeartbeats(_ flag: Bool) throws { try fault(["ignore_heartbeats": .bool(flag)]) }
    package func disallowIntents(_ bits: Int) throws { try fault(["disallowed_intents": .int(bits)]) }

    /// Answers the next `count` requests to `path` with 429.
    package func limit(_ count: Int, scope: String, path: String, retryAfter: Double = 0.2) throws {
        try fault([
            "rate_limit": [
                "count": .int(count), "scope": .string(scope), "path": .string(path),
                "retry_after": .number(retryAfter),
            ]
        ])
    }

    /// Answers the next `count` requests to `path` with an error of the server.
    package func breakDown(_ count: Int, path: String) throws {
        try fault(["server_errors": ["count": .int(count), "path": .string(path)]])
    }
}
