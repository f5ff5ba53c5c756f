import Synchronization

/// The counters, gauges and histograms of one process, written in the Prometheus text format.
///
/// Make each instrument once, where its part of the program is built, and keep it: updating one is a single atomic
/// operation and never looks anything up. A second one of the same name and labels takes the place of the first.
package final class Metrics: Sendable {
    private struct Family {
        let kind: String
        let help: String
        var series: [(labels: String, render: @Sendable (_ name: String, _ labels: String) -> String)] = []
    }

    private let families = Mutex<[String: Family]>([:])

    package init() {}

    /// Returns a new counter: a number that only grows, such as requests answered.
    package func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let counter = Counter()
        register(name, "counter", help, labels) { "\($0)\($1) \(counter.value)\n" }
        return counter
    }

    /// Adds a counter that is kept elsewhere and read only when the metrics are rendered.
    package func counter(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], read: @escaping @Sendable () -> Int
    ) {
        register(name, "counter", help, labels) { "\($0)\($1) \(read())\n" }
    }

    /// Returns a new gauge: a number that goes up and down, such as open streams.
    package func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        let gauge = Gauge()
        register(name, "gauge", help, labels) { "\($0)\($1) \(gauge.value)\n" }
        return gauge
    }

    /// Adds a gauge that is read only when the metrics are rendered.
    package func gauge(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], read: @escaping @Sendable () -> Int
    ) {
        register(name, "gauge", help, labels) { "\($0)\($1) \(read())\n" }
    }

    /// Returns a new histogram of durations, in seconds.
    package func histogram(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Histogram {
        let histogram = Histogram()
        register(name, "histogram", help, labels) { histogram.render(name: $0, labels: $1) }
        return histogram
    }

    /// Returns all metrics in the text format that Prometheus reads (version 0.0.4).
    package func rendered() -> String {
        families.withLock { families in
            families.sorted { $0.key < $1.key }.map { name, family in
                "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
                    + family.series.map { $0.render(name, $0.labels) }.joined()
            }.joined()
        }
    }

    private func register(
        _ name: String, _ kind: String, _ help: String, _ labels: KeyValuePairs<String, String>,
        _ render: @escaping @Sendable (String, String) -> String
    ) {
        let text = labels.isEmpty ? "" : "{" + labels.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",") + "}"
        families.withLock { families in
            // A series may occur only once, so the newer instrument takes the place of the older.
            families[name]?.series.removeAll { $0.labels == text }
            families[name, default: Family(kind: kind, help: help)].series.append((text, render))
        }
    }
}

/// A number that only grows.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    package var value: Int { count.load(ordering: .relaxed) }
    package func increment(by amount: Int = 1) { count.add(amount, ordering: .relaxed) }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let level = Atomic<Int>(0)
    package var value: Int { level.load(ordering: .relaxed) }
    package func set(_ value: Int) { level.store(value, ordering: .relaxed) }
    package func add(_ amount: Int) { level.add(amount, ordering: .relaxed) }
}

/// Counts durations by their length.
package final class Histogram: Sendable {
    /// Upper bounds in microseconds, from 100 µs to 10 s.
    private static let bounds = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 10_000_000,
    ]

    private struct State {
        var counts = [Int](repeating: 0, count: Histogram.bounds.count)
        var total = 0
        var microseconds = 0
    }

    private let state = Mutex(State())

    package func record(_ duration: Duration) {
        let parts = duration.components
        let microseconds = Int(parts.seconds) * 1_000_000 + Int(parts.attoseconds / 1_000_000_000_000)
        state.withLock { state in
            state.total += 1
            state.microseconds += microseconds
            if let bucket = Self.bounds.firstIndex(where: { microseconds <= $0 }) { state.counts[bucket] += 1 }
        }
    }

    fileprivate func render(name: String, labels: String) -> String {
        let (counts, total, sum) = state.withLock { ($0.counts, $0.total, $0.microseconds) }
        let inner = labels.isEmpty ? "" : labels.dropFirst().dropLast() + ","
        var text = ""
        var running = 0
        for (bound, count) in zip(Self.bounds, counts) {
            running += count
            text += "\(name)_bucket{\(inner)le=\"\(Double(bound) / 1_000_000)\"} \(running)\n"
        }
        text += "\(name)_bucket{\(inner)le=\"+Inf\"} \(total)\n"
        text += "\(name)_sum\(labels) \(Double(sum) / 1_000_000)\n\(name)_count\(labels) \(total)\n"
        return text
    }
}
