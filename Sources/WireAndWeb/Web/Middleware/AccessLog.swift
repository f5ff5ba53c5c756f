package import Core

/// Logs and counts every request. The line never has the query, which may hold secrets. The status is 499 when the client went
/// before there was a response.
package struct AccessLog: Sendable {
    private let log: Log
    /// The router's clock.
    private let time: TimeSource
    private let byClass: [Counter]
    private let abandoned: Counter?
    private let durations: Histogram?

    package init(log: Log, metrics: Metrics? = nil, time: TimeSource = .system) {
        self.log = log
        self.time = time
        byClass = (1...5).compactMap { kind in
            metrics?.counter(
                "http_requests_total", help: "Requests answered, by class of status.", labels: ["status": "\(kind)xx"])
        }
        abandoned = metrics?.counter(
            "http_requests_abandoned_total", help: "Requests whose client went before there was an answer.")
        durations = metrics?.histogram(
            "http_request_duration_seconds", help: "Time from the whole request to its answer.")
    }

    package var finisher: Finisher {
        { request, response, started in
            let duration = time.now - started
            if response.isAbandoned { abandoned?.increment() } else { count(response.status, duration) }
            log.info(
                "request",
                [
                    "method": request.method, "path": request.path, "status": "\(response.status)",
                    "ms": Self.milliseconds(duration), "client": request.remoteAddress, "request": request.id,
                ])
        }
    }

    private func count(_ status: Int, _ duration: Duration) {
        let kind = status / 100 - 1
        if byClass.indices.contains(kind) { byClass[kind].increment() }
        durations?.record(duration)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = (duration / .microseconds(100)).rounded()
        return "\(tenths / 10)"
    }
}
