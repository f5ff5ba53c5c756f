import Core

extension Metrics {
    /// Metrics that begin with what the process counts whatever it serves.
    static func ofProcess() -> Metrics {
        let metrics = Metrics()
        metrics.counter("tandem_log_lines_dropped_total", help: "Lines of the log that nobody read in time.") {
            LogWriter.standardError.droppedLines
        }
        return metrics
    }
}
