package import Core
package import Store
import Synchronization

/// Shares the events of a durable queue among all processes that run one of these: each event goes to one of them, and to
/// another if that one doesn't say that it's done.
///
/// An event may come twice all the same (the relay repeats some after a crash, and so does the server after a lost
/// connection), and with a `prefetch` above one or several processes, not in order. What this process has dealt with lately
/// is passed over by its number; beyond that, **the handler must not mind seeing an event again**, for instance by keeping
/// the number where it keeps its result.
///
/// An event whose handler throws is tried again after a while, here or elsewhere; after `redeliveryLimit` vain attempts it
/// goes to the dead letters, a queue that somebody should look at.
package struct RabbitWorkQueue: Service {
    package struct Configuration: Sendable {
        package var rabbit: RabbitConfiguration
        /// The topic exchange to which a bus publishes.
        package var exchange: String
        /// The queue's name; all with the same name share its events.
        package var queue: String
        /// Patterns of routing keys, such as `order.#`.
        package var bindings: [String]
        /// How many events are dealt with at a time in this process.
        package var prefetch = 16
        package var redeliveryLimit = 5
        /// How many dead letters are kept; beyond that the oldest go.
        package var deadLetterLimit = 100_000
        /// Between an attempt that failed and the next one.
        package var backoff = Backoff(base: .milliseconds(200), limit: .seconds(30))

        /// The exchange and the queue of dead letters.
        package var deadLetters: String { "\(queue).dead" }

        package init(rabbit: RabbitConfiguration, exchange: String, queue: String, bindings: [String]) {
            self.rabbit = rabbit
            self.exchange = exchange
            self.queue = queue
            self.bindings = bindings
        }
    }

    package var name: String { "work queue \(configuration.queue)" }
    private let configuration: Configuration
    private let log: Log
    private let clock: any Clock<Duration>
    private let done: Counter
    private let repeated: Counter
    private let failures: Counter
    private let handle: @Sendable (Event) async throws -> Void

    package init(
        _ configuration: Configuration, clock: any Clock<Duration> = ContinuousClock(), log: Log = .none,
        metrics: Metrics = Metrics(), handle: @escaping @Sendable (Event) async throws -> Void
    ) {
        precondition(configuration.prefetch > 0 && configuration.redeliveryLimit >= 0)
        self.configuration = configuration
        self.clock = clock
        self.log = log.labelled("work")
        self.handle = handle
        func counter(_ outcome: String) -> Counter {
            metrics.counter(
                "tandem_work_queue_events_total", help: "Events taken from the work queue.",
                labels: ["queue": configuration.queue, "outcome": outcome])
        }
        done = counter("done")
        repeated = counter("repeated")
        failures = counter("failed")
    }

    package func run() async throws {
        // No more than `prefetch` wait here: the server sends no more before some are settled.
        let (deliveries, incoming) = AsyncStream.makeStream(of: RabbitWorker.Delivery.self)
        let thread = RabbitThread(configuration.rabbit, log: log) { [configuration] in
            RabbitWorker(configuration) { incoming.yield($0) }
        }
        let recent = RecentNumbers(limit: 10_000)
        await withDiscardingTaskGroup { tasks in
            for await delivery in deliveries {
                tasks.addTask {
                    let outcome = await outcome(of: delivery, recent)
                    _ = thread.submit { worker, channel throws(RabbitError) in
                        try worker.settle(delivery, outcome, on: channel)
                    }
                }
            }
            tasks.cancelAll()
        }
        // What isn't settled goes back to the queue with the connection.
        thread.stop()
    }

    private func outcome(
        of delivery: RabbitWorker.Delivery, _ recent: RecentNumbers
    ) async -> RabbitWorker.Outcome {
        let event: Event
        do {
            guard let body = delivery.message.body else { throw RabbitError(.refused, "the message is too long") }
            event = try EventEncoding.event(body)
        } catch {
            failures.increment()
            log.error("a message in the queue is unreadable", ["queue": configuration.queue, "error": "\(error)"])
            return .never
        }
        guard !recent.contains(event.number) else {
            repeated.increment()
            return .done
        }
        do {
            try await handle(event)
            recent.insert(event.number)
            done.increment()
            return .done
        } catch {
            guard !Task.isCancelled else { return .again }
            failures.increment()
            log.error(
                "an event could not be dealt with",
                [
                    "queue": configuration.queue, "number": "\(event.number)",
                    "attempt": "\(delivery.message.deliveryCount + 1)", "error": "\(error)",
                ])
            var backoff = configuration.backoff
            for _ in 0..<delivery.message.deliveryCount { _ = backoff.next() }
            try? await clock.sleep(for: backoff.next())
            return .again
        }
    }
}

/// The numbers that were seen last.
private final class RecentNumbers: Sendable {
    private struct State {
        var numbers: Set<Int64> = []
        /// As a ring, once it is full.
        var order: [Int64] = []
        var oldest = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    func contains(_ number: Int64) -> Bool { state.withLock { $0.numbers.contains(number) } }

    func insert(_ number: Int64) {
        state.withLock { state in
            guard state.numbers.insert(number).inserted else { return }
            guard state.order.count == limit else { return state.order.append(number) }
            state.numbers.remove(state.order[state.oldest])
            state.order[state.oldest] = number
            state.oldest = (state.oldest + 1) % limit
        }
    }
}
