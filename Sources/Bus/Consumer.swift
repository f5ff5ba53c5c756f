package import Core
package import Store

/// A named reader of the event log that deals with every event once it's committed, in order, at least once, also those
/// that were committed while it was away: its position is kept in the database.
///
/// It's woken by the bus and reads from the log, so it doesn't matter what the bus loses.
package struct Consumer: Service {
    package struct Configuration: Sendable {
        /// How many events are read at once.
        package var batch = 100
        /// How often the position is saved while events pass; a crash repeats at most what passed since.
        package var save = Duration.seconds(1)
        /// The longest time after which the log is looked at without being woken.
        package var poll = Duration.seconds(5)
        /// Where a new consumer begins: at the oldest event there is, or with the events to come.
        package var beginsAtOldest = true
        package var backoff = Backoff(base: .milliseconds(100), limit: .seconds(30))

        package init() {}
    }

    package let name: String
    private let database: any Database
    private let events: any EventLog
    private let bus: any Bus
    private let configuration: Configuration
    private let clock: any Clock<Duration>
    private let log: Log
    private let missed: @Sendable (ClosedRange<Int64>) async throws -> Void
    private let handle: @Sendable (Event) async throws -> Void

    /// - Parameters:
    ///   - name: names the position; two consumers of one name must not run at a time.
    ///   - missed: called when events were removed from the log before this consumer came to them: bring your state up
    ///     to date by other means.
    ///   - handle: deals with one event. When it throws, it's called again with the same event after a while, for as long
    ///     as it takes; it must not mind seeing an event twice.
    package init(
        name: String, database: any Database, events: any EventLog, bus: any Bus,
        configuration: Configuration = Configuration(), clock: any Clock<Duration> = ContinuousClock(),
        log: Log = .none, missed: @escaping @Sendable (ClosedRange<Int64>) async throws -> Void = { _ in },
        handle: @escaping @Sendable (Event) async throws -> Void
    ) {
        self.name = name
        self.database = database
        self.events = events
        self.bus = bus
        self.configuration = configuration
        self.clock = clock
        self.log = log
        self.missed = missed
        self.handle = handle
    }

    package func run() async throws {
        let signal = Signal()
        let woken = signal.listen()
        let subscription = bus.subscribe { _ in signal.ring() }
        defer { subscription.cancel() }
        let positions = Positions(database)
        guard let start = await retrying("read its position", { try await start(positions) }) else { return }
        let progress = ReaderProgress(name, epoch: events.epoch, number: start, positions: positions, log: log)
        await withTaskGroup { group in
            group.addTask { await consume(woken, progress) }
            group.addTask { await progress.keepSaving(every: configuration.save, clock: clock) }
            group.addTask {
                while (try? await clock.sleep(for: configuration.poll)) != nil { signal.ring() }
            }
        }
        await progress.saveAtTheEnd()
    }

    private func consume(_ woken: AsyncStream<Void>, _ progress: ReaderProgress) async {
        // Said at once, though the next event would show it too.
        guard let oldest = await retrying("read events", { try await events.oldestNumber }) else { return }
        if oldest > progress.number + 1 {
            guard await skip((progress.number + 1)...(oldest - 1)) else { return }
            progress.advance(to: oldest - 1)
        }
        var waiting = woken.makeAsyncIterator()
        repeat {
            while !Task.isCancelled {
                let batch = await retrying("read events") {
                    try await events.read(after: progress.number, limit: configuration.batch)
                }
                guard let batch, let first = batch.first else { break }
                if first.number > progress.number + 1 {
                    guard await skip((progress.number + 1)...(first.number - 1)) else { break }
                    progress.advance(to: first.number - 1)
                }
                for event in batch {
                    guard await retrying("handle event \(event.number)", { try await handle(event) }) != nil else {
                        break
                    }
                    progress.advance(to: event.number)
                }
            }
        } while await waiting.next() != nil
    }

    private func skip(_ range: ClosedRange<Int64>) async -> Bool {
        log.warning("events were removed before they were handled", ["consumer": name, "range": "\(range)"])
        return await retrying("catch up", { try await missed(range) }) != nil
    }

    private func start(_ positions: Positions) async throws -> Int64 {
        if let saved = try await positions.find(name, epoch: events.epoch) { return saved }
        let start = configuration.beginsAtOldest ? try await events.oldestNumber - 1 : try await events.lastNumber
        try await positions.save(name, epoch: events.epoch, number: start)
        return start
    }

    /// Nil only when cancelled.
    private func retrying<R: Sendable>(_ what: String, _ work: () async throws -> R) async -> R? {
        var backoff = configuration.backoff
        while !Task.isCancelled {
            do { return try await work() } catch {
                if Task.isCancelled { return nil }
                log.error("failed to \(what), trying again", ["consumer": name, "error": "\(error)"])
                try? await clock.sleep(for: backoff.next())
            }
        }
        return nil
    }
}
