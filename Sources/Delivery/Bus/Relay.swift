package import Core
package import Store

/// Hands committed events to the bus, in the order of their numbers, each at least once: the outbox is what the event
/// log holds beyond the relay's position.
///
/// Each process may run one: the one that leads works, and when its process ends, another takes over within two seconds.
/// It's woken by each commit; where that signal can't reach it, it polls at a longer interval. Its position is saved at an
/// interval, so after a crash some events are published again. It also removes old events.
///
/// Errors: `run` throws none. What fails is logged and tried again.
package struct Relay: Service {
    /// How much the relay reads at once and how often it does the rest of its work.
    package struct Configuration: Sendable {
        /// How many events are read and published at once.
        package var batch = 512
        /// How many of the newest events are published once more when the log is another one: some may have been taken for others
        /// that had their numbers before.
        package var repeated: Int64 = 1000
        /// The longest time after which the log is looked at without a signal.
        package var poll = Duration.seconds(5)
        /// How often the position is saved while events pass; a crash repeats at most what passed since.
        package var save = Duration.seconds(1)
        package var retention = Retention()
        /// How often events older than `retention` are removed.
        package var cleaning = Duration.seconds(60)
        package var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))

        package init() {}
    }

    /// The name under which the relay's position is stored.
    package static let position = "relay"

    package let name = "relay"
    private let database: any Database
    private let epoch: String?
    private let bus: any Bus
    private let configuration: Configuration
    private let time: TimeSource
    private let log: Log
    private let published: Counter
    private let failures: Counter

    /// - Parameters:
    ///   - epoch: of the log whose events the bus carries; nil for any.
    package init(
        database: any Database, epoch: String? = nil, bus: any Bus, configuration: Configuration = Configuration(),
        time: TimeSource = .system, log: Log = .none, metrics: Metrics = Metrics()
    ) {
        self.database = database
        self.epoch = epoch
        self.bus = bus
        self.configuration = configuration
        self.time = time
        self.log = log
        published = metrics.counter("tandem_relay_events_total", help: "Events handed to the bus.")
        failures = metrics.counter("tandem_relay_failures_total", help: "Failed attempts to read or publish events.")
    }

    /// Works whenever this process leads, until cancelled.
    package func run() async throws {
        await database.whileLeading(name, backoff: configuration.backoff, time: time, log: log) { try await work() }
    }

    private func work() async throws {
        let events = try await DatabaseEventLog(database)
        if let epoch, events.epoch != epoch { throw LogSetBack(epoch: epoch) }
        let positions = Positions(database, time: time)
        // Listening begins before the log is first read, so that no commit falls between.
        let commits = database.eventsCommitted.listen()
        let progress = ReaderProgress(
            Self.position, epoch: events.epoch, number: try await start(events, positions), positions: positions,
            log: log)
        log.info("relay starts", ["after": "\(progress.number)"])
        await withTaskGroup { group in
            group.addTask { await publish(events, woken: commits, progress) }
            group.addTask { await every(configuration.poll) { database.eventsCommitted.ring() } }
            group.addTask { await progress.keepSaving(every: configuration.save, time: time) }
            group.addTask { await every(configuration.cleaning) { await clean(progress) } }
        }
        // Also when cancelled, so that what was published isn't repeated after a restart.
        await uncancelled { await progress.save() }
    }

    private func start(_ events: DatabaseEventLog, _ positions: Positions) async throws -> Int64 {
        switch try await positions.start(of: Self.position, epoch: events.epoch) {
        case .after(let number): number
        case .new: 0
        case .otherLog: max(0, try await events.lastNumber - configuration.repeated)
        }
    }

    /// Publishes what is committed, each time that it's woken, until cancelled.
    private func publish(_ events: DatabaseEventLog, woken: AsyncStream<Void>, _ progress: ReaderProgress) async {
        var waiting = woken.makeAsyncIterator()
        repeat {
            while await publishBatch(events, progress) {}
        } while await waiting.next() != nil
    }

    /// Publishes the next events, after as many attempts as that takes.
    /// - Returns: whether there may be more; false when cancelled.
    private func publishBatch(_ events: DatabaseEventLog, _ progress: ReaderProgress) async -> Bool {
        let mayHaveMore = try? await time.retrying(
            configuration.backoff,
            failed: { error, _ in
                failures.increment()
                log.error("events could not be published, trying again", ["error": "\(error)"])
            }
        ) {
            let batch = try await events.read(after: progress.number, limit: configuration.batch)
            guard let newest = batch.last else { return false }
            try await bus.publish(batch)
            progress.advance(to: newest.number)
            published.increment(by: batch.count)
            return batch.count == configuration.batch
        }
        return mayHaveMore ?? false
    }

    private func clean(_ progress: ReaderProgress) async {
        do {
            let now = try await database.serverTime() ?? time.milliseconds
            let removed = try await configuration.retention.apply(to: database, through: progress.number, now: now)
            if removed > 0 { log.info("old events removed", ["count": "\(removed)"]) }
        } catch {
            if !Task.isCancelled { log.error("old events could not be removed", ["error": "\(error)"]) }
        }
    }

    private func every(_ interval: Duration, _ work: () async -> Void) async {
        while (try? await time.sleep(for: interval)) != nil { await work() }
    }
}
