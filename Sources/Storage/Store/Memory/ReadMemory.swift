package import Core
import Synchronization

/// What a process must know to answer reads from memory: what has changed since something was read, and until when the event
/// log is known to its end. The values themselves are in `ReadTable`s.
///
/// Whatever changes something that is remembered appends an event in the same transaction. So what was read still holds if no
/// event about it has come since, as far as the log is known. How far that is, is proven: at least every `trust` the log is
/// asked for the number of the newest event, after everything that was committed has its number; once all events up to
/// there have come, memory knew at the time of the question everything that had been committed. Nothing is answered from memory
/// without such a proof of less than `trust` ago, nor to a client that has seen an event that hasn't come here yet.
///
/// What is remembered is about *subjects*, short texts such as `user/12`. An event changes subjects too, which the layers that
/// know them derive from it.
package final class ReadMemory: Sendable {
    /// For how long a proof holds. What is answered from memory is at most this old.
    package static let trust = Duration.seconds(1)
    /// How often the end of the log is asked for while memory is used.
    static let interval = Duration.milliseconds(400)
    /// How many subjects' latest changes are kept at most. What was read before the oldest of them counts as changed.
    static let changesKept = 131_072

    /// When something is read from the database: what changes from here on may be missing in it.
    package struct Moment: Sendable, Hashable {
        fileprivate let tick: UInt64
    }

    /// The proof that is waited for: it holds once the events up to a number have come.
    private struct Proof {
        let number: Int64
        let begun: Duration
    }

    private struct State {
        /// Grows with each change.
        var tick: UInt64 = 1
        var changes = Generations<String, UInt64>(limit: ReadMemory.changesKept)
        /// What was read before this is no longer believed; at half of `changes`, before those the oldest that are kept.
        var floor: UInt64 = 0
        var halfway: UInt64 = 0
        /// The number of the last event that came; `nil` while none can come.
        var position: Int64?
        var provenAt: Duration?
        var proofs: [Proof] = []
        var usedAt: Duration?
        var isProving = false

        mutating func change(_ subjects: some Sequence<String>) {
            tick += 1
            for subject in subjects where changes.set(tick, for: subject) {
                floor = max(floor, halfway)
                halfway = tick
            }
        }

        /// Returns whether proofs must be begun.
        mutating func use(at now: Duration) -> Bool {
            usedAt = now
            guard !isProving, position != nil else { return false }
            isProving = true
            return true
        }

        mutating func prove(_ proof: Proof) {
            provenAt = max(provenAt ?? proof.begun, proof.begun)
        }

        func holds(_ subjects: [String], since moment: Moment) -> Bool {
            moment.tick >= floor && subjects.allSatisfy { changes.peek($0) ?? 0 <= moment.tick }
        }
    }

    let time: TimeSource
    let metrics: Metrics
    private let events: any EventLog
    private let subjects: @Sendable (EventDraft) -> [String]
    private let log: Log
    private let state = Mutex(State())
    private let wanted = Signal()
    private let asked: AsyncStream<Void>

    /// - Parameters:
    ///   - events: the log in the database.
    ///   - subjects: what an event of this kind changes. Events that change nothing that is remembered have none.
    package init(
        events: any EventLog, time: TimeSource = .system, log: Log = .none, metrics: Metrics = Metrics(),
        subjects: @escaping @Sendable (EventDraft) -> [String]
    ) {
        self.events = events
        self.subjects = subjects
        self.time = time
        self.metrics = metrics
        self.log = log.labelled("memory")
        asked = wanted.listen()
    }

    // MARK: What has happened

    /// From here on every event after `position` comes to `took`, in order.
    package func begin(at position: Int64) {
        state.withLock { state in
            state.position = position
            state.tick += 1
            state.floor = state.tick
        }
    }

    /// Takes the next events of the log. Call it before anybody else learns of them. If they change anything, those who hear of
    /// it are about to read: what memory then needs to answer them is proven meanwhile.
    package func took(_ events: some Collection<Event>) {
        guard let first = events.first else { return }
        let last = events.reduce(first.number) { max($0, $1.number) }
        let changed = events.flatMap { subjects(EventDraft(topic: $0.topic, kind: $0.kind, payload: $0.payload)) }
        let now = time.now
        let starts = state.withLock { state in
            guard let position = state.position else { return false }
            // Events are missing: what they changed is unknown.
            if first.number != position + 1 { state.floor = state.tick + 1 }
            state.change(changed)
            state.position = last
            while let proof = state.proofs.first, proof.number <= last {
                state.prove(proof)
                state.proofs.removeFirst()
            }
            return !changed.isEmpty && state.use(at: now)
        }
        if starts { wanted.ring() }
    }

    /// Takes what this process has just committed itself: it's not answered from memory any more, although the event is yet to
    /// come.
    package func committed(_ drafts: [EventDraft]) {
        let changed = drafts.flatMap(subjects)
        if !changed.isEmpty { state.withLock { $0.change(changed) } }
    }

    // MARK: What is believed

    /// Call before something is read that shall be remembered.
    package func begin() -> Moment { state.withLock { Moment(tick: $0.tick) } }

    /// Whether memory may answer a client that has seen the events up to this cursor.
    ///
    /// - Parameter cursor: `nil` for a client that has seen none, or doesn't say.
    package func mayAnswer(_ cursor: Cursor?) -> Bool {
        let now = time.now
        let (isKnown, starts) = state.withLock { state in
            let starts = state.use(at: now)
            guard let position = state.position, let provenAt = state.provenAt, now - provenAt < Self.trust else {
                return (false, starts)
            }
            guard let cursor else { return (true, starts) }
            return (cursor.number <= position && cursor.epoch == events.epoch, starts)
        }
        if starts { wanted.ring() }
        return isKnown
    }

    /// Whether what was read at this moment about these subjects is still what the database has, as far as the log is known.
    func holds(_ subjects: [String], since moment: Moment) -> Bool {
        state.withLock { $0.holds(subjects, since: moment) }
    }

    /// The latest change of any of these subjects: reads that began after the same change see the same.
    func latestChange(of subjects: [String]) -> UInt64 {
        state.withLock { state in subjects.reduce(state.floor) { max($0, state.changes.peek($1) ?? 0) } }
    }

    // MARK: Proofs

    /// Proves again and again that the log is known to its end, while memory is used, until the task is cancelled.
    ///
    /// - Parameter isBehind: called when events are missing that have been committed: they must be fetched.
    package func prove(isBehind: @Sendable () -> Void) async {
        for await _ in asked {
            while !Task.isCancelled {
                let begun = time.now
                do {
                    let number = try await events.settledNumber
                    if !reached(Proof(number: number, begun: begun)) { isBehind() }
                } catch {
                    // Nothing is believed any more within a second; the database answers, or says why not.
                    log.debug("the end of the log is unknown", ["error": "\(error)"])
                }
                do { try await time.sleep(until: begun + Self.interval) } catch { break }
                if isIdle(at: time.now) { break }
            }
        }
    }

    /// Whether all events up to there have come; otherwise the proof is kept until they have.
    private func reached(_ proof: Proof) -> Bool {
        state.withLock { state in
            guard let position = state.position, position < proof.number else {
                if state.position != nil { state.prove(proof) }
                return true
            }
            // Those that are old by the time they hold are worth nothing.
            state.proofs.removeAll { proof.begun - $0.begun >= Self.trust }
            state.proofs.append(proof)
            return false
        }
    }

    private func isIdle(at now: Duration) -> Bool {
        state.withLock { state in
            guard let usedAt = state.usedAt, now - usedAt < Self.trust else {
                state.isProving = false
                return true
            }
            return false
        }
    }
}
