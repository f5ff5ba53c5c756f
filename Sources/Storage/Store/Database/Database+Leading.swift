package import Core

extension Database {
    /// Runs `work` while this process leads in `name`, until it returns or the task is cancelled. When the lead is lost, `work` is cancelled
    /// and waited for, then run again once this process leads again. What `work` throws is logged, and it's run again after
    /// a while: a database that's away for some time stops nobody for good.
    package func whileLeading(
        _ name: String, backoff: Backoff = Backoff(base: .milliseconds(100), limit: .seconds(5)),
        clock: any Clock<Duration> = ContinuousClock(), log: Log = .none,
        _ work: @escaping @Sendable () async throws -> Void
    ) async {
        var backoff = backoff
        while !Task.isCancelled {
            do {
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
                if isDone || Task.isCancelled { return }
                log.warning("no longer leads", ["name": name])
                backoff.reset()
            } catch {
                if Task.isCancelled { return }
                let pause = backoff.next()
                log.error("can't lead", ["name": name, "error": "\(error)", "retry_in": "\(pause)"])
                try? await clock.sleep(for: pause)
            }
        }
    }
}
