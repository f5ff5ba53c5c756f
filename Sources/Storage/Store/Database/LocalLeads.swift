import Synchronization

/// Leads within one process: each name is held by one at a time, first come, first served.
final class LocalLeads: Sendable {
    private struct State {
        var pools: [String: Pool<Void>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// - Throws: `CancellationError`; `StoreError` of kind `.unavailable` once `close` was called.
    func take(_ name: String) async throws -> Lease {
        let pool = state.withLock { state in
            if let known = state.pools[name] { return known }
            let new = Pool([()], waitingLimit: .max)
            if state.isClosed { _ = new.close() }
            state.pools[name] = new
            return new
        }
        try await pool.take()
        return Lease(name) { pool.give(()) }
    }

    /// From now on no lead is granted; callers that wait are refused.
    func close() {
        let pools = state.withLock { state in
            state.isClosed = true
            return Array(state.pools.values)
        }
        for pool in pools { pool.refuseAll() }
    }
}
