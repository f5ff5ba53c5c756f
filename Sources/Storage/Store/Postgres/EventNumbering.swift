import Core
import EventLoop

/// Gives committed events their numbers: in rounds of one short transaction each, over the connection of its session. It
/// belongs to that session's loop.
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
    /// How long the server may take to answer.
    private static let timeout = Duration.seconds(3)
    /// Numbered rows are dead, and slow down the search for the others until they are cleared away.
    private static let clearing = 20_000

    private let loop: EventLoop
    private let log: Log
    private var link: PostgresLink?
    private var waiting: [Waiter] = []
    /// Goes off when the one who has waited longest has waited for too long. It doesn't depend on the connection.
    private var deadline: LoopTimer?
    private var isClosed = false
    private var round = 0
    private var isRunning = false
    private var numberedSinceClearing = 0

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
    }

    /// Uses this connection from now on; `nil`: there is none for the moment.
    func use(_ link: PostgresLink?) {
        self.link = link
        isRunning = false
        if link == nil { refuse { $0.events.isEmpty } } else { look() }
    }

    /// Calls `done` with the number of the newest event once everything that is committed now has its number, and tells
    /// `events` theirs; with an error when that takes too long. Events of the caller's are worth waiting for while there is no
    /// connection; the mere end of the log is refused at once and asked for again.
    func number(_ events: [AppendedEvent], _ done: @escaping (Result<Int64, StoreError>) -> Void) {
        guard !isClosed, link != nil || !events.isEmpty else { return done(.failure(Self.unavailable)) }
        waiting.append(
            Waiter(events: events, round: round + 1, deadline: loop.now + Self.waitTimeout, done: done))
        if deadline == nil { setDeadline() }
        begin()
    }

    /// Nobody waits any longer, nor later.
    func close() {
        isClosed = true
        link = nil
        refuse { _ in true }
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
    func look() {
        guard waiting.isEmpty else { return begin() }
        guard !isRunning, let link else { return }
        link.send([Statements.isOutboxFilled], timeout: Self.timeout) { [weak self] result in
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
        link.send(Statements.numbering, timeout: Self.timeout) { [weak self] result in
            guard let self, self.link === link else { return }
            isRunning = false
            switch result {
            case .success(let outcomes): numbered(outcomes.suffix(3).map(\.rows))
            case .failure(let failure):
                // Those who wait are served by a later round: the next caller or look begins it.
                if !failure.isFatal { link.send([Statements.rollBack], timeout: Self.timeout) { _ in } }
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
        if waiting.contains(where: { !$0.events.isEmpty }) {
            numbers.reserveCapacity(rows.count)
            for row in rows {
                if let tag = try? row["tag", as: Int64.self], let number = try? row["number", as: Int64.self] {
                    numbers[tag] = number
                }
            }
        }
        var left: [Waiter] = []
        for waiter in waiting {
            for event in waiter.events { if let number = numbers[event.tag] { event.assign(number) } }
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
        if numberedSinceClearing >= Self.clearing, let link {
            numberedSinceClearing = 0
            link.send([Statements.clearOutbox], timeout: Self.timeout) { _ in }
        }
        if !waiting.isEmpty || !isComplete { begin() }
    }

    /// Another process has numbered these.
    private func find(_ events: [AppendedEvent], for waiter: Waiter, newest: Int64) {
        guard let link else { return waiter.done(.failure(Self.unavailable)) }
        link.send(events.map { Statements.number(of: $0.tag) }, timeout: Self.timeout) { result in
            guard case .success(let outcomes) = result else { return waiter.done(.failure(Self.unavailable)) }
            for (event, outcome) in zip(events, outcomes) {
                if let number = try? outcome.rows.first?["number", as: Int64.self] { event.assign(number) }
            }
            waiter.done(.success(newest))
        }
    }
}
