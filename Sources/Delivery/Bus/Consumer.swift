package import Core
package import Store
import Synchronization

/// A named reader of the event log that handles every committed event in order, at least once, including those that were
/// committed while it wasn't running: its position is kept in the database.
///
/// It's woken by the bus and reads from the log, so it doesn't matter what the bus loses.
///
/// An event whose handler throws is tried again after a pause, and those behind it wait. When the error says that nothing
/// is wrong with the event (`CodedError.isTemporary`), for as long as it takes; otherwise `attempts` times, after which the
/// event goes to the dead letters in the database, in one transaction with the position, and the next event follows.
///
/// Errors: `run` throws none. What fails is logged and tried again.
package struct Consumer: Service {
    /// How much a consumer reads at once, how often it tries, and how much it keeps.
    package struct Configuration: Sendable {
        /// How many events are read at once.
        package var batch = 100
        /// How often the position is saved while events pass; a crash repeats at most what passed since.
        package var save = Duration.seconds(1)
        /// How often the log is read without being woken, and how often dead letters that were marked to be tried again
        /// are looked for.
        package var poll = Duration.seconds(5)
        /// Where a new consumer begins: with the oldest event in the log, or with the next one.
        package var beginsAtOldest = true
        /// How often an event is tried whose handler throws an error that isn't temporary.
        package var attempts = 5
        /// How many dead letters are kept; beyond that the oldest are removed.
        package var deadLetters = 1000
        package var backoff = Backoff(base: .milliseconds(100), limit: .seconds(30))

        package init() {}
    }

    package let name: String
    private let database: any Database
    private let events: any EventLog
    private let bus: any Bus
    private let configuration: Configuration
    private let time: TimeSource
    private let log: Log
    private let letters: DeadLetters
    private let positions: Positions
    private let givenUp: Counter
    private let missed: @Sendable (ClosedRange<Int64>) async throws -> Void
    private let handle: @Sendable (Event) async throws -> Void

    /// - Parameters:
    ///   - name: names the position; two consumers of one name must not run at a time.
    ///   - missed: called when events were removed from the log before this consumer reached them, or may have been, because it
    ///     is another log: bring your state up to date by other means. When it throws, it's called again, for as long as it takes.
    ///   - handle: handles one event. It must tolerate seeing an event twice, and one from the dead letters long after
    ///     those that followed it.
    package init(
        name: String, database: any Database, events: any EventLog, bus: any Bus,
        configuration: Configuration = Configuration(), time: TimeSource = .system, log: Log = .none,
        metrics: Metrics = Metrics(),
        missed: @escaping @Sendable (ClosedRange<Int64>) async throws -> Void = { _ in },
        handle: @escaping @Sendable (Event) async throws -> Void
    ) {
        precondition(configuration.attempts > 0)
        self.name = name
        self.database = database
        self.events = events
        self.bus = bus
        self.configuration = configuration
        self.time = time
        self.log = log
        self.missed = missed
        self.handle = handle
        letters = DeadLetters(database, limit: configuration.deadLetters, time: time)
        positions = Positions(database, time: time)
        givenUp = metrics.counter(
            "tandem_consumer_dead_letters_total", help: "Events that were given up after several attempts.",
            labels: ["consumer": name])
    }

    /// Handles events until cancelled.
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
                // Reported at once, though the next event would show it too.
                guard let oldest = await retrying("read events", { try await events.oldestNumber }),
                    await skip(to: oldest, progress)
                else { return }
                var waiting = woken.makeAsyncIterator()
                repeat {
                    if due.flag.exchange(false, ordering: .relaxed) { await handleLetters() }
                    await handleEvents(progress)
                } while await waiting.next() != nil
            }
            group.addTask { await progress.keepSaving(every: configuration.save, time: time) }
            group.addTask {
                while (try? await time.sleep(for: configuration.poll)) != nil {
                    due.flag.store(true, ordering: .relaxed)
                    signal.ring()
                }
            }
        }
        // Also when cancelled, so that handled events aren't repeated after a restart.
        await uncancelled { await progress.save() }
    }

    private func start() async throws -> Int64 {
        let start: Int64
        switch try await positions.start(of: name, epoch: events.epoch) {
        case .after(let number): return number
        case .new where configuration.beginsAtOldest: start = try await events.oldestNumber - 1
        case .new: start = try await events.lastNumber
        case .otherLog:
            // Which of these events it has handled under other numbers can't be told.
            start = try await events.lastNumber
            log.warning("events are numbered anew", ["consumer": name, "after": "\(start)"])
            if start > 0 { try await missed(1...start) }
        }
        try await positions.save(name, epoch: events.epoch, number: start)
        return start
    }

    // MARK: Events

    /// Handles events until there are no more or the task is cancelled.
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
                        try await database.transaction(locking: []) { transaction in
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

    /// Reports that the events between the position and `number` were removed, if there were any.
    /// - Returns: false only when cancelled.
    private func skip(to number: Int64, _ progress: ReaderProgress) async -> Bool {
        guard number > progress.number + 1 else { return true }
        let range = (progress.number + 1)...(number - 1)
        log.warning("events were removed before they were handled", ["consumer": name, "range": "\(range)"])
        guard await retrying("catch up", { try await missed(range) }) != nil else { return false }
        progress.advance(to: range.upperBound)
        return true
    }

    // MARK: Dead letters

    /// Handles those that were marked to be tried again.
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
                    log.info("a dead letter was handled", ["consumer": name, "number": "\(number)"])
                    settled = await retrying("remove a dead letter") { try await letters.remove(old) }
                case .failed(let letter):
                    settled = await retrying("keep a dead letter") {
                        try await database.transaction(locking: []) { try await letters.add(letter, in: $0) }
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

    /// Runs the handler until it succeeds, the task is cancelled, or too many attempts have failed by an error that isn't
    /// temporary.
    private func outcome(of event: Event, epoch: String? = nil) async -> Outcome {
        var attempts = 0
        do {
            try await time.retrying(
                configuration.backoff,
                failed: { error, _ in
                    log.error(
                        "failed to handle event \(event.number), trying again", ["consumer": name, "error": "\(error)"])
                },
                while: { error in
                    if !Self.isTemporary(error) { attempts += 1 }
                    return attempts < configuration.attempts
                }
            ) { try await handle(event) }
            return .done
        } catch {
            guard attempts >= configuration.attempts, !Task.isCancelled else { return .cancelled }
            log.error(
                "an event could not be handled and becomes a dead letter",
                [
                    "consumer": name, "number": "\(event.number)", "kind": event.kind, "attempts": "\(attempts)",
                    "error": "\(error)",
                ])
            return .failed(
                DeadLetter(
                    consumer: name, epoch: epoch ?? events.epoch, event: event, error: "\(error)", attempts: attempts))
        }
    }

    /// Returns whether the same event may succeed later.
    private static func isTemporary(_ error: any Error) -> Bool {
        error is CancellationError || (error as? any CodedError)?.isTemporary == true
    }

    /// Runs `work` until it succeeds; errors are logged.
    /// - Parameter what: what `work` does, for the log: "read events".
    /// - Returns: nil only when cancelled.
    private func retrying<R>(_ what: String, _ work: () async throws -> R) async -> R? {
        try? await time.retrying(
            configuration.backoff,
            failed: { error, _ in
                log.error("failed to \(what), trying again", ["consumer": name, "error": "\(error)"])
            }, work)
    }
}

/// Whether dead letters are to be looked for: at an interval rather than with each event.
private final class LettersDue: Sendable {
    let flag = Atomic<Bool>(true)
}
