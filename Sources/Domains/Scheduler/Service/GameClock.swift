package import Core
import Guilds
package import Store

/// Starts games when their time has come and completes them after their duration.
///
/// The deadlines are in the database, so that a restart misses none: what fell due meanwhile happens at once. Several
/// processes may run one each: a game starts once, when its time has come by the clock of the database's server.
package struct GameClock: Service {
    package let name = "game clock"
    private let database: any Database
    private let time: TimeSource
    private let deadlinesChanged: Signal
    private let log: Log
    /// The longest pause: deadlines that another process has set are noticed within this.
    private let limit: Duration
    /// How often expired results of commands are deleted.
    private static let tidyingInterval: Duration = .seconds(3600)
    private static let batch = 100

    /// - Parameter deadlinesChanged: the signal of this process's `GameService`.
    package init(
        database: any Database, time: TimeSource = .system, deadlinesChanged: Signal, limit: Duration = .seconds(15),
        log: Log = .none
    ) {
        self.database = database
        self.time = time
        self.deadlinesChanged = deadlinesChanged
        self.limit = limit
        self.log = log
    }

    /// Runs until its task is cancelled, then returns; never throws. While the database is unavailable it retries.
    package func run() async throws {
        let backoff = Backoff(base: .milliseconds(200), limit: .seconds(10))
        var tidyAt = time.now
        do {
            while !Task.isCancelled {
                // Listening begins before the deadlines are read, so that no change to them is slept through.
                let changes = deadlinesChanged.listen()
                let pause = try await time.retrying(
                    backoff,
                    failed: { error, pause in
                        log.error("games can't follow the time", ["error": "\(error)", "retry_in": "\(pause)"])
                    }
                ) {
                    while try await passTime() > 0 {}
                    if time.now >= tidyAt {
                        try await removeExpiredResults()
                        tidyAt = time.now + Self.tidyingInterval
                    }
                    return try await timeToNextDeadline()
                }
                try? await time.withTimeout(pause) { for await _ in changes { return } }
            }
        } catch is CancellationError {}
    }

    /// Starts and completes the games that have fallen due.
    ///
    /// - Returns: how many there were; if there were any, there may be more.
    /// - Throws: what the database throws.
    @discardableResult
    package func passTime() async throws -> Int {
        let now = try await now()
        let games = try await database.read { try await GameChanges.due(at: now, limit: Self.batch, $0) }
        guard !games.isEmpty else { return 0 }
        return try await database.transaction(locking: games.map { .exclusive("game", $0) }) { transaction in
            try await GameChanges(transaction, now: now).passTime(games)
        }
    }

    private func now() async throws -> Int64 { try await database.serverTime() ?? time.milliseconds }

    private func removeExpiredResults() async throws {
        let now = try await now()
        try await database.transaction(locking: []) { try await CommandRecords.removeExpired(at: now, in: $0) }
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
        return min(limit, max(.milliseconds(1), .milliseconds(next - (try await now()))))
    }
}
