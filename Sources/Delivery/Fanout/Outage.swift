import Core
import Store

/// What all streams wait for together while the database is away: one probe asks whether it is back, and one line in the log says
/// that it went and that it returned, however many streams wait.
final class Outage: Sendable {
    private let eventLog: any EventLog
    private let time: TimeSource
    private let log: Log
    private let probe = SingleFlight<String, Bool>()

    init(_ eventLog: any EventLog, time: TimeSource, log: Log) {
        self.eventLog = eventLog
        self.time = time
        self.log = log
    }

    /// To be called after a failure. Returns once the event log can be read: at once if it can be read now.
    ///
    /// - Returns: whether it had to be waited for, so that what failed may succeed now.
    /// - Throws: `CancellationError`.
    func wait() async throws -> Bool {
        try await probe("") {
            var failures = 0
            let backoff = Backoff(base: .milliseconds(250), limit: .seconds(5))
            try await time.retrying(
                backoff,
                failed: { error, _ in
                    failures += 1
                    if failures == 1 {
                        log.warning("streams wait: the event log can't be read", ["error": "\(error)"])
                    }
                }
            ) { _ = try await eventLog.lastNumber }
            if failures > 0 { log.warning("the event log can be read again; streams go on") }
            return failures > 0
        }
    }
}
