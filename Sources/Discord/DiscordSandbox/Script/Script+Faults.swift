/// Faults on request.
///
/// Errors: every method throws `Refusal`, with a sentence for the script's author.
extension Script {
    /// Returns the current faults.
    package func faults() -> JSON { realm.transaction { $0.faults.json } }

    /// Ends all faults and resets the rate limits.
    package func resetFaults() -> JSON {
        realm.transaction { state in
            state.faults = Faults()
            state.limits.reset()
            return state.faults.json
        }
    }

    /// Sets the faults that the body names and leaves the others; see `docs/sandbox.md`. A number stands for
    /// `{"count": n}` and `null` ends a fault.
    ///
    /// - `rate_limit {count, scope, retry_after, path}`, `server_errors {count, status, path}`, `latency_ms`
    /// - `ignore_heartbeats`, `heartbeat_interval_ms`, `disallowed_intents`, `global_limit`
    /// - at once: `reconnect` (op 7), `invalid_session` (op 9: `true`/`"resumable"` or `"new"`), `drop` (sockets),
    ///   `close` (a close code); `application_id` names whose
    /// - `reset: true` first ends all others
    package func setFaults(_ body: JSON) throws(Refusal) -> JSON {
        guard body.isObject else { throw .script(400, "The body must be a JSON object.") }
        let known: Set<String> = [
            "rate_limit", "rate_limits", "server_errors", "latency_ms", "ignore_heartbeats", "heartbeat_interval_ms",
            "disallowed_intents", "global_limit", "reconnect", "invalid_session", "drop", "close", "application_id",
            "reset",
        ]
        if let stranger = body.members.first(where: { !known.contains($0.key) }) {
            let names = known.sorted().joined(separator: ", ")
            throw .script(400, "There is no fault \(stranger.key). The faults are \(names).")
        }
        let own = realm.configuration.application.id
        return try realm.transaction { (state) throws(Refusal) in
            if body["reset"]?.boolValue == true {
                state.faults = Faults()
                state.limits.reset()
            }
            try Self.read(body, into: &state.faults)
            if let intents = body["disallowed_intents"] {
                guard let bits = intents.isNull ? 0 : intents.intValue, bits >= 0 else {
                    throw .script(400, "disallowed_intents must be a set of intents.")
                }
                state.world.applications[body["application_id"]?.snowflake ?? own]?.disallowedIntents = bits
            }
            if let limit = body["global_limit"] {
                guard let count = limit.isNull ? 50 : limit.intValue, count > 0 else {
                    throw .script(400, "global_limit must be a positive number of requests a second.")
                }
                state.limits.globalRule = RateLimits.Rule(count, per: .seconds(1))
            }
            let affected = try Self.disturb(body, &state)
            return state.faults.json.adding(["affected_sessions": .int(affected)])
        }
    }

    private static func read(_ body: JSON, into faults: inout Faults) throws(Refusal) {
        if let value = body["rate_limit"] ?? body["rate_limits"] {
            let scope = value["scope"]?.stringValue ?? "user"
            guard ["user", "global", "shared"].contains(scope) else {
                throw .script(400, "scope must be user, global or shared.")
            }
            let seconds = value["retry_after"]?.doubleValue ?? 1
            guard (0...3600).contains(seconds) else { throw .script(400, "retry_after must be 0 to 3600 seconds.") }
            faults.rateLimiting = try count(value, "rate_limit").map {
                Faults.RateLimiting(
                    count: $0, scope: scope, retryAfter: .milliseconds(Int64(seconds * 1000)),
                    path: value["path"]?.stringValue)
            }
        }
        if let value = body["server_errors"] {
            let status = value["status"]?.intValue ?? 503
            guard (500...599).contains(status) else { throw .script(400, "status must be 500 to 599.") }
            faults.serverErrors = try count(value, "server_errors").map {
                Faults.ServerErrors(count: $0, status: status, path: value["path"]?.stringValue)
            }
        }
        if let value = body["latency_ms"] {
            guard let latency = value.isNull ? 0 : value.intValue, (0...60_000).contains(latency) else {
                throw .script(400, "latency_ms must be 0 to 60000.")
            }
            faults.latency = .milliseconds(latency)
        }
        if let value = body["ignore_heartbeats"] { faults.ignoresHeartbeats = value.boolValue ?? false }
        if let value = body["heartbeat_interval_ms"] {
            guard value.isNull || (50...600_000).contains(value.intValue ?? 0) else {
                throw .script(400, "heartbeat_interval_ms must be 50 to 600000.")
            }
            faults.heartbeatInterval = value.intValue.map { .milliseconds($0) }
        }
    }

    private static func count(_ value: JSON, _ name: String) throws(Refusal) -> Int? {
        if value.isNull { return nil }
        guard let count = value.intValue ?? (value.isObject ? value["count"]?.intValue ?? 1 : nil),
            (0...1_000_000).contains(count)
        else { throw .script(400, "\(name) must be a number, or an object with count.") }
        return count == 0 ? nil : count
    }

    /// Disturbs the sockets that are open now.
    private static func disturb(_ body: JSON, _ state: inout Realm.State) throws(Refusal) -> Int {
        let application = body["application_id"]?.snowflake
        let sessions = state.sessions.all.filter {
            $0.outlet != nil && (application == nil || $0.applicationID == application)
        }
        var affected = 0
        func asked(_ key: String) -> Bool { body[key].map { !$0.isNull && $0 != false } ?? false }
        for session in sessions {
            guard let outlet = session.outlet else { continue }
            if asked("reconnect") { outlet.send("{\"op\":7,\"s\":null,\"t\":null,\"d\":null}") }
            if asked("invalid_session") {
                let isResumable = body["invalid_session"]?.stringValue != "new"
                if !isResumable { state.sessions[session.id] = nil }
                outlet.invalidate(isResumable)
            }
            if asked("close") {
                guard let code = body["close"]?.intValue, (1000...1001).contains(code) || (3000...4999).contains(code)
                else { throw .script(400, "close must be 1000, 1001 or 3000 to 4999.") }
                outlet.close(code, "Closed on request.")
            }
            if asked("drop") { outlet.drop() }
            if ["reconnect", "invalid_session", "close", "drop"].contains(where: asked) { affected += 1 }
        }
        return affected
    }
}
