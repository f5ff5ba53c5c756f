package import Core
package import Store
import Synchronization

/// A named reader of the event log that deals with every event once it's committed, in order, at least once, also those
/// that were committed while it was away: its position is kept in the database.
///
/// It's woken by the bus and reads from the log, so it doesn't matter what the bus loses.
///
/// An event whose handler throws is tried again after a while, and those behind it wait. When the error says that nothing
/// is wrong with the event (`CodedError.isTemporary`), for as long as it takes; otherwise a few times, after which the
/// event goes to the dead letters in the database, together with the position, and the next one's turn comes.
package struct Consumer: Service {
    package struct Configuration: Sendable {
        /// How many events are read at once.
        package var batch = 100
        /// How often the position is saved while events pass; a crash repeats at most what passed since.
        package var save = Duration.seconds(1)
        /// The longest time after which the log is looked at without being woken, and after which dead letters that
        /// somebody wants to be tried again are.
        package var poll = Duration.seconds(5)
        /// Where a new consumer begins: at the oldest event there is, or with the events to come.
        package var beginsAtOldest = true
        /// How often an event is tried that fails by its own fault, as far as anybody can tell.
        package var attempts = 5
        /// How many dead letters are kept; beyond that the oldest go.
        package var deadLetters = 1000
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
    private let letters: DeadLetters
    private let positions: Positions
    private let givenUp: Counter
    private let missed: @Sendable (ClosedRange<Int64>) async throws -> Void
    private let handle: @Sendable (Event) async throws -> Void

    /// - Parameters:
    ///   - name: names the position; two consumers of one name must not run at a time.
    ///   - missed: called when events were removed from the log before this consumer came to them: bring your state up
    ///     to date by other means. When it throws, it's called again, for as long as it takes.
    ///   - handle: deals with one event. It must not mind seeing an event twice, nor one from the dead letters long after
    ///     those that followed it.
    package init(
        name: String, database: any Database, events: any EventLog, bus: any Bus,
        configuration: Configuration = Configuration(), clock: any Clock<Duration> = ContinuousClock(),
        wallClock: WallClock = .system, log: Log = .none, metrics: Metrics = Metrics(),
        missed: @escaping @Sendable (ClosedRange<Int64>) async throws -> Void = { _ in },
        handle: @escaping @Sendable (Event) async throws -> Void
    ) {
        precondition(configuration.attempts > 0)
        self.name = name
        self.database = database
        self.events = events
        self.bus = bus
        self.configuration = configuration
        self.clock = clock
        self.log = log
        self.missed = missed
        self.handle = handle
        letters = DeadLetters(database, limit: configuration.deadLetters, clock: wallClock)
        positions = Positions(database, clock: wallClock)
        givenUp = metrics.counter(
            "tandem_consumer_dead_letters_total", help: "Events that were given up after several attempts.",
            labels: ["consumer": name])
    }

    package func run() async throws {
        let signal = Signal()
        let woken = signal.listen()
        let subscription = bus.subscribe { _ in signal.ring() }
        defer { subscription.cancel() }
        guard let start = await retrying("read its position", { try await start() }) else { return }
        let progress = ReaderProgress(name, epoch: events.epoch, number: start, positions: positions, log: log)
        let due = LettersDue()
        await withTaskGroup { group in
            group.addTask {
                // Said at once, though the next event would show it too.
                guard let oldest = await retrying("read events", { try await events.oldestNumber }),
                    await skip(to: oldest, progress)
                else { return }
                var waiting = woken.makeAsyncIterator()
                repeat {
                    if due.flag.exchange(false, ordering: .relaxed) { await handleLetters() }
                    await handleEvents(progress)
                } while await waiting.next() != nil
            }
            group.addTask { await progress.keepSaving(every: configuration.save, clock: clock) }
            group.addTask {
                while (try? await clock.sleep(for: configuration.poll)) != nil {
                    due.flag.store(true, ordering: .relaxed)
                    signal.ring()
                }
            }
        }
        await progress.saveAtTheEnd()
    }

    private func start() async throws -> Int64 {
        if let saved = try await positions.find(name, epoch: events.epoch) { return saved }
        let start = configuration.beginsAtOldest ? try await events.oldestNumber - 1 : try await events.lastNumber
        try await positions.save(name, epoch: events.epoch, number: start)
        return start
    }

    // MARK: Events

    /// Handles all there are.
    private func handleEvents(_ progress: ReaderProgress) async {
        while !Task.isCancelled {
            let batch = await retrying("read events") {
                try await events.read(after: progress.number, limit: configuration.batch)
            }
            guard let batch, let first = batch.first, await skip(to: first.number, progress) else { return }
            for event in batch {
                switch await outcome(of: event) {
                case .done: break
                case .cancelled: return
                case .failed(let letter):
                    let isKept: Void? = await retrying("keep a dead letter") {
                        try await database.transaction { transaction in
                            try await letters.add(letter, in: transaction)
                            try await positions.save(name, epoch: events.epoch, number: event.number, in: transaction)
                        }
                    }
                    guard isKept != nil else { return }
                    givenUp.increment()
                }
                progress.advance(to: event.number)
            }
        }
    }

    /// What lies between the position and `number` is gone. False only when cancelled.
    private func skip(to number: Int64, _ progress: ReaderProgress) async -> Bool {
        guard number > progress.number + 1 else { return true }
        let range = (progress.number + 1)...(number - 1)
        log.warning("events were removed before they were handled", ["consumer": name, "range": "\(range)"])
        guard await retrying("catch up", { try await missed(range) }) != nil else { return false }
        progress.advance(to: range.upperBound)
        return true
    }

    // MARK: Dead letters

    /// Handles those that somebody wants to be tried again.
    private func handleLetters() async {
        while !Task.isCancelled {
            let batch = await retrying("read dead letters") {
                try await letters.toTryAgain(name, limit: configuration.batch)
            }
            guard let batch, !batch.isEmpty else { return }
            for old in batch {
                let settled: Void?
                switch await outcome(of: old.event, epoch: old.epoch) {
                case .cancelled: return
                case .done:
                    let number = old.event.number
                    log.info("a dead letter was handled after all", ["consumer": name, "number": "\(number)"])
                    settled = await retrying("remove a dead letter") { try await letters.remove(old) }
                case .failed(let letter):
                    settled = await retrying("keep a dead letter") {
                        try await database.transaction { try await letters.add(letter, in: $0) }
                    }
                    if settled != nil { givenUp.increment() }
                }
                guard settled != nil else { return }
            }
        }
    }

    // MARK: Attempts

    private enum Outcome {
        case done
        case cancelled
        case failed(DeadLetter)
    }

    /// Tries as often as it's worth while.
    private func outcome(of event: Event, epoch: String? = nil) async -> Outcome {
        var backoff = configuration.backoff
        var attempts = 0
        while !Task.isCancelled {
            do {
                try await handle(event)
                return .done
            } catch {
                if Task.isCancelled { return .cancelled }
                if !Self.isNobodysFault(error) { attempts += 1 }
                guard attempts < configuration.attempts else {
                    log.error(
                        "an event could not be handled and becomes a dead letter",
                        [
                            "consumer": name, "number": "\(event.number)", "kind": event.kind,
                            "attempts": "\(attempts)", "error": "\(error)",
                        ])
                    return .failed(
                        DeadLetter(
                            consumer: name, epoch: epoch ?? events.epoch, event: event, error: "\(error)",
                            attempts: attempts))
                }
                log.error(
                    "failed to handle event \(event.number), trying again", ["consumer": name, "error": "\(error)"])
                try? await clock.sleep(for: backoff.next())
            }
        }
        return .cancelled
    }

    /// Whether the event may be as good as any other.
    private static func isNobodysFault(_ error: any Error) -> Bool {
        error is CancellationError || (error as? any CodedError)?.isTemporary == true
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

/// Whether dead letters are to be looked for: now and then, not with each event.
private final class LettersDue: Sendable {
    let flag = Atomic<Bool>(true)
}
