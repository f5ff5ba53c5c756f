import Core
import Synchronization

/// Counts what a cache does, and logs when it begins to fail and when it works again.
final class CacheMeters: Sendable {
    private let hits: Counter
    private let misses: Counter
    private let failures: Counter
    private let log: Log
    private let isFailing = Atomic<Bool>(false)

    init(log: Log, metrics: Metrics) {
        func counter(_ outcome: String) -> Counter {
            metrics.counter(
                "tandem_cache_operations_total", help: "Reads that found something or not, and operations that failed.",
                labels: ["outcome": outcome])
        }
        hits = counter("hit")
        misses = counter("miss")
        failures = counter("failed")
        self.log = log.labelled("cache")
    }

    func read(found: Bool) { (found ? hits : misses).increment() }

    func worked() {
        if isFailing.load(ordering: .relaxed), isFailing.exchange(false, ordering: .relaxed) {
            log.info("the cache works again")
        }
    }

    /// One line for a failure that lasts; each operation is counted.
    func failed(_ what: String, _ error: any Error) {
        failures.increment()
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        log.warning("the cache fails, going on without", ["operation": what, "error": "\(error)"])
    }

    func tooLarge(_ what: String, _ bytes: Int) {
        failures.increment()
        log.warning("a value is too large for the cache", ["operation": what, "bytes": "\(bytes)"])
    }
}
