import Core
import EventLoop

/// Gives committed events their numbers: in rounds of one short transaction each, over a connection of its own, so that a slow
/// round holds up nothing else. It belongs to its loop.
///
/// Any process may number any events; the server lets one do so at a time. A process numbers after its own commits, and looks
/// once a second for events that another one left behind when it ended.
@safe final class EventNumbering {
    /// Who waits until everything committed so far has its number.
    private struct Waiter {
        /// What these are told their numbers.
        let events: [AppendedEvent]
        /// The first round that began after the wait.
        let round: Int
        let deadline: Duration
        let done: (Result<Int64, StoreError>) -> Void
    }

    private static let waitTimeout = Duration.seconds(1)
    private static let lookInterval = Duration.seconds(1)
    /// Within which a server that is silent elsewhere must have answered here.
    private static let shortTimeout = Duration.seconds(3)
    /// Numbered rows are dead, and slow down the search for the others until they are cleared away.
    private static let clearing = 20_000

    private let loop: EventLoop
    private let log: Log
    private let connection: LastingLink
    /// How long the server may take to answer: longer than it works on a statement.
    private let timeout: Duration
    private var waiting: [Waiter] = []
    /// Goes off when the one who has waited longest has waited for too long. It doesn't depend on the connection.
    private var deadline: LoopTimer?
    private var round = 0
    private var isRunning = false
    private var numberedSinceClearing = 0
    private var lookedAt = Duration.zero
    /// The numbers of events that nobody waited for: a round may number an event before its own process has heard of its commit.
    private var unclaimed = Generations<Int64, Int64>(limit: 4 * Statements.numberingBatch)

    init(_ address: PostgresAddress, _ configuration: PostgresConfiguration, loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
        timeout = configuration.statementTimeout + .seconds(5)
        connection = LastingLink(address, configuration, setup: [Statements.numberingSetup], loop: loop)
    }

    func start() { connection.start { [weak self] in self?.connectionChanged($0) } }

    /// Nobody waits any longer, nor later.
    func close() {
        connection.close()
        refuse { _ in true }
    }

    /// The server is silent to others.
    func suspect(_ failure: PostgresFailure) { link?.suspect(failure, timeout: Self.shortTimeout) }

    private var link: PostgresLink? { connection.link }

    private func connectionChanged(_ change: LastingLink.Change) {
        switch change {
        case .opened: look()
        case .ticked: if loop.now - lookedAt >= Self.lookInterval { look() }
        case .lost(let failure):
            log.warning("the numbering of events was interrupted", ["error": "\(failure.error)"])
            isRunning = false
            refuse { $0.events.isEmpty }
        case .unreachable(let failure): log.debug("can't number events", ["error": "\(failure.error)"])
        }
    }

    /// Calls `done` once `events`, which have been committed, have been told their numbers; without any, once everything that
    /// is committed now has its number: then with that of the newest event. With an error when that takes too long. Events of the
    /// caller's are worth waiting for while there is no connection; the mere end of the log is refused at once and asked for again.
    func number(_ events: [AppendedEvent], _ done: @escaping (Result<Int64, StoreError>) -> Void) {
        for event in events { unclaimed.removeValue(for: event.tag).map(event.assign) }
        if let last = events.last?.number, events.allSatisfy({ $0.number != nil }) { return done(.success(last)) }
        guard !connection.isClosed, link != nil || !events.isEmpty else { return done(.failure(Self.unavailable)) }
        waiting.append(
            Waiter(events: events, round: round + 1, deadline: loop.now + Self.waitTimeout, done: done))
        if deadline == nil { setDeadline() }
        begin()
    }

    private func setDeadline() {
        deadline = waiting.first.map { first in
            loop.schedule(after: max(.zero, first.deadline - loop.now)) { [weak self] in
                guard let self else { return }
                refuse { $0.deadline <= self.loop.now }
                setDeadline()
            }
        }
    }

    /// Looks for what other processes have left behind.
    private func look() {
        lookedAt = loop.now
        guard waiting.isEmpty else { return begin() }
        guard !isRunning, let link else { return }
        link.send([Statements.isOutboxFilled], timeout: timeout) { [weak self] result in
            if case .success(let outcomes) = result, outcomes.last?.rows.first?.values == [1] { self?.begin() }
        }
    }

    private func refuse(where isRefused: (Waiter) -> Bool) {
        let refused = waiting.filter(isRefused)
        waiting.removeAll(where: isRefused)
        for waiter in refused { waiter.done(.failure(Self.unavailable)) }
    }

    private static var unavailable: StoreError {
        StoreError(.unavailable, "The database can't number events at the moment.")
    }

    // MARK: Rounds

    private func begin() {
        guard !isRunning, let link else { return }
        isRunning = true
        round += 1
        link.send(Statements.numbering, timeout: timeout) { [weak self] result in
            guard let self, self.link === link else { return }
            isRunning = false
            switch result {
            case .success(let outcomes): numbered(outcomes.suffix(3).map(\.rows))
            case .failure(let failure):
                // Those who wait are served by a later round: the next caller or look begins it.
                if !failure.isFatal { link.send([Statements.rollBack], timeout: timeout) { _ in } }
                log.warning("events can't be numbered yet", ["error": "\(failure.error)"])
            }
        }
    }

    /// - Parameter results: of the last statements: the counter, the events, and the commit.
    private func numbered(_ results: [[Row]]) {
        guard results.count == 3, let last = try? results[0].first?["last_number", as: Int64.self] else {
            return log.error("the event log has lost its counter; restore the database from a backup")
        }
        let rows = results[1]
        numberedSinceClearing += rows.count
        // A process of an older version may have appended to the log since the counter was read.
        let newest = rows.compactMap { try? $0["number", as: Int64.self] }.max() ?? last
        let isComplete = rows.count < Statements.numberingBatch
        var numbers: [Int64: Int64] = [:]
        numbers.reserveCapacity(rows.count)
        for row in rows {
            if let tag = try? row["tag", as: Int64.self], let number = try? row["number", as: Int64.self] {
                numbers[tag] = number
            }
        }
        var left: [Waiter] = []
        for waiter in waiting {
            for event in waiter.events { numbers.removeValue(forKey: event.tag).map(event.assign) }
            let unnumbered = waiter.events.filter { $0.number == nil }
            if unnumbered.isEmpty, !waiter.events.isEmpty {
                waiter.done(.success(newest))
            } else if waiter.round > round || !isComplete {
                left.append(waiter)
            } else if unnumbered.isEmpty {
                waiter.done(.success(newest))
            } else {
                find(unnumbered, for: waiter, newest: newest)
            }
        }
        waiting = left
        for (tag, number) in numbers { unclaimed.set(number, for: tag) }
        if numberedSinceClearing >= Self.clearing, let link {
            numberedSinceClearing = 0
            link.send([Statements.clearOutbox], timeout: timeout) { _ in }
        }
        if !waiting.isEmpty || !isComplete { begin() }
    }

    /// Another process has numbered these.
    private func find(_ events: [AppendedEvent], for waiter: Waiter, newest: Int64) {
        guard let link else { return waiter.done(.failure(Self.unavailable)) }
        link.send(events.map { Statements.number(of: $0.tag) }, timeout: timeout) { result in
            guard case .success(let outcomes) = result else { return waiter.done(.failure(Self.unavailable)) }
            for (event, outcome) in zip(events, outcomes) {
                if let number = try? outcome.rows.first?["number", as: Int64.self] { event.assign(number) }
            }
            waiter.done(.success(newest))
        }
    }
}
