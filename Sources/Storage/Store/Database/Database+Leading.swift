package import Core

extension Database {
    /// Runs `work` while this process leads in `name`, until it returns or the task is cancelled.
    ///
    /// When the lead is lost, `work` is cancelled and awaited, then run again once this process leads again. What `work`
    /// throws is logged, and it's run again after a pause, so that an outage of the database ends no
    /// service for good.
    package func whileLeading(
        _ name: String, backoff: Backoff = Backoff(base: .milliseconds(100), limit: .seconds(5)),
        time: TimeSource = .system, log: Log = .none,
        _ work: @escaping @Sendable () async throws -> Void
    ) async {
        var isDone = false
        // Losing the lead is not a failure: the pauses begin anew.
        while !isDone, !Task.isCancelled {
            isDone =
                (try? await time.retrying(
                    backoff,
                    failed: { error, pause in
                        log.error("can't lead", ["name": name, "error": "\(error)", "retry_in": "\(pause)"])
                    }
                ) { try await leadOnce(name, log: log, work) }) ?? false
        }
    }

    /// Returns true when `work` has returned, false when the lead was lost.
    private func leadOnce(
        _ name: String, log: Log, _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        let lease = try await lead(name)
        log.info("leads", ["name": name])
        defer { lease.release() }
        let isDone = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                await lease.ended()
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        if !isDone, !Task.isCancelled { log.warning("no longer leads", ["name": name]) }
        return isDone
    }
}
