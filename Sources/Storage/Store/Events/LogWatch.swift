package import Core

/// Looks once a second whether the log still holds what this process has read of it. When it doesn't, the log becomes another one,
/// and the process is to begin anew.
///
/// Errors: `run` throws `LogSetBack` then. Other errors say nothing about that: it's looked again.
package struct LogWatch: Service {
    package static let interval = Duration.seconds(1)

    package let name = "log watch"
    private let database: any Database
    private let events: DatabaseEventLog
    private let time: TimeSource
    private let log: Log
    private let takeBack: @Sendable (any Transaction) async throws -> Void

    /// - Parameter takeBack: takes back what is no longer certain, in the transaction that makes the log another one.
    package init(
        _ database: any Database, _ events: DatabaseEventLog, time: TimeSource = .system, log: Log = .none,
        takingBack takeBack: @escaping @Sendable (any Transaction) async throws -> Void
    ) {
        self.database = database
        self.events = events
        self.time = time
        self.log = log
        self.takeBack = takeBack
    }

    package func run() async throws {
        while true {
            try await time.sleep(for: Self.interval)
            do { _ = try await events.lastNumber } catch let setBack as LogSetBack {
                // Before anything else of this process ends, which may take a while: until then the copy's word counts.
                try await time.retrying(
                    Backoff(base: .milliseconds(100), limit: .seconds(1)),
                    failed: { [log] error, _ in log.error("the log can't be begun anew", ["error": "\(error)"]) }
                ) { try await database.beginNewLog(replacing: setBack.epoch, takeBack) }
                throw setBack
            } catch {}
        }
    }
}
