import Synchronization

/// Leads within one process: each name is held by one at a time, first come, first served.
final class LocalLeads: Sendable {
    private struct State {
        var turnstiles: [String: Turnstile<Void>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    func take(_ name: String) async throws -> Lease {
        let turnstile = state.withLock { state in
            if let known = state.turnstiles[name] { return known }
            let new = Turnstile([()], waitingLimit: .max)
            if state.isClosed { _ = new.close() }
            state.turnstiles[name] = new
            return new
        }
        try await turnstile.take()
        return Lease(name) { turnstile.give(()) }
    }

    /// From now on nobody is given a lead; those who wait are refused.
    func close() {
        let turnstiles = state.withLock { state in
            state.isClosed = true
            return Array(state.turnstiles.values)
        }
        for turnstile in turnstiles { turnstile.refuseAll() }
    }
}
