import Core
import Synchronization

/// Counts the connections that a server refuses, and tells the log now and then.
final class Refusals: Sendable {
    enum Reason: String, CaseIterable {
        /// The server has as many connections as it can keep.
        case noRoom = "room"
        /// The client's address has as many as it may have.
        case address
    }

    private static let interval = Duration.seconds(10)

    private let counters: [Reason: Counter]
    private let time: TimeSource
    private let log: Log
    /// What the log hasn't been told of, and when it may be.
    private let unreported = Mutex<(count: Int, next: Duration)>((0, .zero))

    init(metrics: Metrics, time: TimeSource, log: Log) {
        counters = Dictionary(
            uniqueKeysWithValues: Reason.allCases.map { reason in
                let counter = metrics.counter(
                    "http_connections_refused_total",
                    help: "Connections refused because the server (room) or their address (address) has too many.",
                    labels: ["reason": reason.rawValue])
                return (reason, counter)
            })
        self.time = time
        self.log = log
    }

    func add(_ reason: Reason, from address: String) {
        counters[reason]?.increment()
        let count = unreported.withLock { unreported -> Int? in
            unreported.count += 1
            guard time.now >= unreported.next else { return nil }
            defer { unreported = (0, time.now + Self.interval) }
            return unreported.count
        }
        guard let count else { return }
        log.warning(
            "connections are refused", ["count": "\(count)", "reason": reason.rawValue, "last": address])
    }
}
