package import Core
import Guilds
package import Store

/// Begins games when their time has come and ends them after their duration.
///
/// The deadlines are the database's, so a restart misses none: what fell due meanwhile happens at once. Several processes
/// may run one each: a game begins once.
package struct GameClock<Sleep: Clock<Duration>>: Service {
    package let name = "game clock"
    private let database: any Database
    private let clock: WallClock
    private let sleep: Sleep
    private let deadlinesChanged: Signal
    private let log: Log
    /// How long it sleeps at most: deadlines that another process has set are noticed within this.
    private let limit: Duration
    private let batch = 100

    package init(
        database: any Database, clock: WallClock = .system, sleep: Sleep = ContinuousClock(), deadlinesChanged: Signal,
        limit: Duration = .seconds(15), log: Log = .none
    ) {
        self.database = database
        self.clock = clock
        self.sleep = sleep
        self.deadlinesChanged = deadlinesChanged
        self.limit = limit
        self.log = log
    }

    package func run() async throws {
        var backoff = Backoff(base: .milliseconds(200), limit: .seconds(10))
        var forgetAt: Int64 = 0
        while !Task.isCancelled {
            // Listening begins before the look at the deadlines, so that none that changes meanwhile is slept through.
            let changes = deadlinesChanged.listen()
            let pause: Duration
            do {
                let now = clock.milliseconds
                while try await passTime() > 0 {}
                if now >= forgetAt {
                    try await database.transaction { transaction in
                        try await CommandRecords.forget(before: now - CommandRecords.memory, in: transaction)
                    }
                    forgetAt = now + 3_600_000
                }
                pause = try await timeToNextDeadline()
                backoff.reset()
            } catch {
                if Task.isCancelled { break }
                pause = backoff.next()
                log.error("games can't follow the time", ["error": "\(error)", "retry_in": "\(pause)"])
            }
            await wait(pause, or: changes)
        }
    }

    /// Does what has fallen due; returns how many games began or ended; when there were any, there may be more.
    @discardableResult
    package func passTime() async throws -> Int {
        let now = clock.milliseconds
        return try await database.transaction { [batch] transaction in
            try await GameChanges(transaction, now: now).passTime(limit: batch)
        }
    }

    private func timeToNextDeadline() async throws -> Duration {
        let rows = try await database.read { reading in
            try await reading.query(
                """
                SELECT (SELECT MIN(scheduled_at) FROM games WHERE status = 'scheduled') AS starts,
                    (SELECT MIN(ends_at) FROM games WHERE status = 'in_progress') AS ends
                """)
        }
        let deadlines = try rows.flatMap { row in
            [try row["starts", as: Int64?.self], try row["ends", as: Int64?.self]].compactMap(\.self)
        }
        guard let next = deadlines.min() else { return limit }
        return min(limit, max(.milliseconds(1), .milliseconds(next - clock.milliseconds)))
    }

    private func wait(_ pause: Duration, or changes: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [sleep] in try? await sleep.sleep(for: pause) }
            group.addTask { for await _ in changes { return } }
            await group.next()
            group.cancelAll()
        }
    }
}
