package import Core

/// Looks once a second whether the log still holds what this process has read of it.
///
/// Errors: `run` throws `LogSetBack` when it doesn't. Other errors say nothing about that, and are ignored.
package struct LogWatch: Service {
    package static let interval = Duration.seconds(1)

    package let name = "log watch"
    private let events: DatabaseEventLog
    private let time: TimeSource

    package init(_ events: DatabaseEventLog, time: TimeSource = .system) {
        self.events = events
        self.time = time
    }

    package func run() async throws {
        while true {
            try await time.sleep(for: Self.interval)
            do { _ = try await events.lastNumber } catch let error as LogSetBack { throw error } catch {}
        }
    }
}
