package import Cache
package import Core
import Crypto
import FoundationEssentials
package import Store
import Synchronization

/// What each request asks the database about the one who makes it, kept in a cache that processes share: their session and
/// their memberships.
///
/// Nothing has to be removed from the cache for answers to be right. An answer is kept together with how far into the event
/// log it was read, and a process uses it only if it has itself read the log to its end within the last second and found
/// no event about that person since. A reader who saw a row before a revocation and writes it back afterwards writes an
/// answer that is too old for everybody; so does one who never heard of it. Who can't read the log asks the database. What a
/// commit took away is therefore gone a second later at the latest, whatever has become of the cache or the bus;
/// `forget` and `heard` only make it sooner.
///
/// Values are signed, so that who can write to the cache can't sign themselves in, and hold neither tokens nor anything of
/// Discord's.
package final class AnswerCache: Sendable {
    /// How long an answer is kept.
    static let lifetime = Duration.seconds(300)
    /// How long after a look into the log the cache may be used, and after what time one looks again.
    static let trust = Duration.seconds(1)
    static let due = Duration.milliseconds(500)
    /// More events than this are not read: what was kept before them is given up.
    static let batch = 256

    package enum Question: Sendable {
        /// Of the session whose token has this digest.
        case session(digest: String)
        case memberships(UserID)

        var key: String {
            switch self {
            case .session(let digest): "session:\(digest)"
            case .memberships(let user): "memberships:\(user)"
            }
        }
    }

    /// An answer of the database's.
    struct Finding<Answer: Codable & Sendable>: Sendable {
        let answer: Answer
        /// Whom it is about. Every change that takes something away from them is an event on their topic.
        let user: UserID
        /// Until when it holds if nothing happens, in milliseconds since 1970; what doesn't hold isn't kept.
        let until: Int64
    }

    private struct Kept<Answer: Codable>: Codable {
        let epoch: String
        let number: Int64
        let topic: String
        let until: Int64
        let answer: Answer
    }

    private struct State {
        var changes = HeardChanges()
        /// When the log was last read to its end; `nil` when something is known to have happened since.
        var lookedAt: ContinuousClock.Instant?
        var isLooking = false
        var alarms = 0

        func isTrusted(_ now: ContinuousClock.Instant) -> Bool {
            lookedAt.map { now - $0 < AnswerCache.trust } ?? false
        }
    }

    private let cache: any Cache
    private let events: any EventLog
    private let key: [UInt8]
    private let clock: WallClock
    private let now: @Sendable () -> ContinuousClock.Instant
    private let log: Log
    private let fromCache: Counter
    private let fromDatabase: Counter
    private let state = Mutex(State())
    private let hasWarned = Atomic(false)

    /// - Parameters:
    ///   - cache: shared by all processes of the database, or the only process's own.
    ///   - events: the log in the database, never one that may lag behind it.
    ///   - now: the time that passes, for tests.
    package init(
        cache: any Cache, events: any EventLog, keyring: Keyring, clock: WallClock = .system, log: Log = .none,
        metrics: Metrics = Metrics(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.cache = cache
        self.events = events
        self.clock = clock
        self.now = now
        self.log = log.labelled("answers")
        key = keyring.key(for: "cached answers")
        func counter(_ source: String) -> Counter {
            metrics.counter(
                "tandem_access_answers_total", help: "Sessions and memberships of requests, by where they were found.",
                labels: ["from": source])
        }
        fromCache = counter("cache")
        fromDatabase = counter("database")
    }

    /// What the bus brings: an event about a person, or none where some were committed, has the log looked at before the
    /// cache is used again.
    package func heard(_ events: [Event]) {
        guard events.isEmpty || events.contains(where: { $0.topic.hasPrefix("user/") }) else { return }
        alarm()
    }

    /// Something has changed by our own doing: this process knows at once, others that reach the cache as well.
    func forget(_ questions: [Question]) async {
        alarm()
        for question in questions { await cache.removeValue(for: question.key) }
    }

    private func alarm() {
        state.withLock {
            $0.alarms += 1
            $0.lookedAt = nil
        }
    }

    /// The answer that is kept, or the one that `read` finds in the database, which is then kept.
    func answer<Answer: Codable & Sendable>(
        to question: Question, read: () async throws -> Finding<Answer>?
    ) async throws -> Answer? {
        await lookIntoLog()
        let (position, isTrusted) = state.withLock { ($0.changes.position, $0.isTrusted(now())) }
        if isTrusted, let answer: Answer = await kept(question) {
            fromCache.increment()
            return answer
        }
        fromDatabase.increment()
        let finding = try await read()
        // `position` was there before the database was asked, so the answer knows of every event up to it.
        if let finding, let position { await keep(finding, for: question, readAt: position) }
        return finding?.answer
    }

    // MARK: The log

    /// Reads what the log has gained, when it's time. One does; others meanwhile go on with what is known.
    private func lookIntoLog() async {
        let begun = now()
        let look = state.withLock { state -> (position: Int64?, alarms: Int)? in
            guard !state.isLooking, state.lookedAt.map({ begun - $0 >= Self.due }) ?? true else { return nil }
            state.isLooking = true
            return (state.changes.position, state.alarms)
        }
        guard let look else { return }
        // Whatever goes wrong: what was known grows old, and the database is asked instead.
        defer { state.withLock { $0.isLooking = false } }
        var isTaken = false
        if let position = look.position {
            guard let news = try? await events.read(after: position, limit: Self.batch) else { return }
            isTaken = news.count < Self.batch && state.withLock { $0.changes.take(news) }
        }
        if !isTaken {
            guard let last = try? await events.lastNumber else { return }
            state.withLock { $0.changes.start(at: last) }
        }
        state.withLock { if $0.alarms == look.alarms { $0.lookedAt = begun } }
    }

    // MARK: The cache

    private func kept<Answer: Codable & Sendable>(_ question: Question) async -> Answer? {
        guard let value = await cache.value(for: question.key) else { return nil }
        guard value.count > SHA256.byteCount,
            constantTimeEquals(
                signature(of: value[SHA256.byteCount...], for: question), Array(value[..<SHA256.byteCount])),
            let kept = try? JSONDecoder().decode(Kept<Answer>.self, from: Data(value[SHA256.byteCount...]))
        else {
            if !hasWarned.exchange(true, ordering: .relaxed) {
                log.warning("the cache holds what isn't ours; do other systems use it, or another secret?")
            }
            return nil
        }
        guard kept.epoch == events.epoch, kept.until > clock.milliseconds else { return nil }
        // Now, for the cache may have taken its time.
        let holds = state.withLock {
            $0.isTrusted(now()) && $0.changes.holds(kept.topic, readAt: kept.number)
        }
        return holds ? kept.answer : nil
    }

    private func keep<Answer: Codable & Sendable>(
        _ finding: Finding<Answer>, for question: Question, readAt number: Int64
    ) async {
        let (now, topic) = (clock.milliseconds, Topic.name(of: finding.user))
        let until = min(finding.until, now + Self.lifetime.milliseconds)
        let kept = Kept(epoch: events.epoch, number: number, topic: topic, until: until, answer: finding.answer)
        guard until > now, let body = try? JSONEncoder().encode(kept) else { return }
        let value = signature(of: body, for: question) + body
        await cache.set(value, for: question.key, lifetime: .milliseconds(until - now))
    }

    /// Bound to the key as well: moved to another one it's worth nothing.
    private func signature(of body: some Sequence<UInt8>, for question: Question) -> [UInt8] {
        HMACSHA256.authenticate(Array(question.key.utf8) + [0] + body, key: key)
    }
}
