package import Core
package import Store

/// Hands committed events to the bus, in the order of their numbers, each at least once: the outbox is what the event
/// log holds beyond the relay's position.
///
/// Each process may run one: the one that leads works, and when its process ends, another takes over within two seconds.
/// It's woken by each commit; where that signal can't reach it, a slow poll does. Its position is saved now and then, so
/// after a crash some events are published again. It also removes old events.
package struct Relay: Service {
    package struct Configuration: Sendable {
        /// How many events are read and published at once.
        package var batch = 512
        /// The longest time after which the log is looked at without a signal.
        package var poll = Duration.seconds(5)
        /// How often the position is saved while events pass; a crash repeats at most what passed since.
        package var save = Duration.seconds(1)
        package var retention = Retention()
        /// How often old events are looked for.
        package var cleaning = Duration.seconds(60)
        package var backoff = Backoff(base: .milliseconds(50), limit: .seconds(5))

        package init() {}
    }

    /// The name under which the relay's position is stored.
    package static let position = "relay"

    package let name = "relay"
    private let database: any Database
    private let bus: any Bus
    private let configuration: Configuration
    private let clock: any Clock<Duration>
    private let wallClock: WallClock
    private let log: Log
    private let published: Counter
    private let failures: Counter

    package init(
        database: any Database, bus: any Bus, configuration: Configuration = Configuration(),
        clock: any Clock<Duration> = ContinuousClock(), wallClock: WallClock = .system, log: Log = .none,
        metrics: Metrics = Metrics()
    ) {
        self.database = database
        self.bus = bus
        self.configuration = configuration
        self.clock = clock
        self.wallClock = wallClock
        self.log = log
        published = metrics.counter("tandem_relay_events_total", help: "Events handed to the bus.")
        failures = metrics.counter("tandem_relay_failures_total", help: "Failed attempts to read or publish events.")
    }

    package func run() async throws {
        await database.whileLeading(name, backoff: configuration.backoff, clock: clock, log: log) { try await work() }
    }

    private func work() async throws {
        let events = try await DatabaseEventLog(database)
        let positions = Positions(database, clock: wallClock)
        // Listening begins before the log is first read, so that no commit falls between.
        let commits = database.eventsCommitted.listen()
        let progress = ReaderProgress(
            Self.position, epoch: events.epoch, number: try await positions.load(Self.position, epoch: events.epoch),
            positions: positions, log: log)
        log.info("relay starts", ["after": "\(progress.number)"])
        await withTaskGroup { group in
            group.addTask { await publish(events, woken: commits, progress) }
            group.addTask { await every(configuration.poll) { database.eventsCommitted.ring() } }
            group.addTask { await progress.keepSaving(every: configuration.save, clock: clock) }
            group.addTask { await every(configuration.cleaning) { await clean(progress) } }
        }
        await progress.saveAtTheEnd()
    }

    private func publish(_ events: DatabaseEventLog, woken: AsyncStream<Void>, _ progress: ReaderProgress) async {
        var backoff = configuration.backoff
        var waiting = woken.makeAsyncIterator()
        repeat {
            while !Task.isCancelled {
                do {
                    let batch = try await events.read(after: progress.number, limit: configuration.batch)
                    guard let newest = batch.last else { break }
                    try await bus.publish(batch)
                    progress.advance(to: newest.number)
                    published.increment(by: batch.count)
                    backoff.reset()
                } catch {
                    if Task.isCancelled { return }
                    failures.increment()
                    log.error("events could not be published, trying again", ["error": "\(error)"])
                    try? await clock.sleep(for: backoff.next())
                }
            }
        } while await waiting.next() != nil
    }

    private func clean(_ progress: ReaderProgress) async {
        do {
            let removed = try await configuration.retention.apply(
                to: database, through: progress.number, now: wallClock.milliseconds)
            if removed > 0 { log.info("old events removed", ["count": "\(removed)"]) }
        } catch {
            if !Task.isCancelled { log.error("old events could not be removed", ["error": "\(error)"]) }
        }
    }

    private func every(_ interval: Duration, _ work: () async -> Void) async {
        while (try? await clock.sleep(for: interval)) != nil { await work() }
    }
}
