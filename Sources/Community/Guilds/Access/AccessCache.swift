package import Cache
package import Core
import Crypto
import FoundationEssentials
package import Store
import Synchronization

/// What every request asks the database about its user, kept in a cache that processes share: the session and the
/// memberships.
///
/// Correctness does not depend on removing anything from the cache. An entry is kept with the position up to which the
/// event log had been read before the database was asked. A process uses the entry only if it has itself read the log to
/// its end within the last second and found no later event about that user. A row that was read before a revocation and
/// cached after it is therefore outdated for every process, including one that never received the event. A process that
/// can't read the log asks the database. What a commit revoked is gone within a second, whatever state the cache or the
/// bus is in; `forget` and `received` only make it sooner.
///
/// Entries are signed, so that write access to the cache doesn't let anybody sign in, and contain neither tokens nor
/// other data of Discord's.
package final class AccessCache: Sendable {
    /// How long an entry is kept.
    static let lifetime = Duration.seconds(300)
    /// How long after reading the log the cache may be used, and after how long the log is read again.
    static let trust = Duration.seconds(1)
    static let due = Duration.milliseconds(500)
    /// When there are more new events than this they are not looked through: entries from before them are given up.
    static let reach: Int64 = 50_000

    /// What an entry is about.
    enum Key: Sendable {
        /// The session whose token has this digest.
        case session(digest: String)
        case memberships(UserID)

        var text: String {
            switch self {
            case .session(let digest): "session:\(digest)"
            case .memberships(let user): "memberships:\(user)"
            }
        }
    }

    /// A value read from the database.
    struct Loaded<Value: Codable & Sendable>: Sendable {
        let value: Value
        /// The user it is about. Every change that takes something away from them is an event on their topic.
        let user: UserID
        /// Until when it holds if nothing happens, in milliseconds since 1970. What no longer holds is not cached.
        let until: Int64
    }

    private struct Entry<Value: Codable>: Codable {
        let epoch: String
        let number: Int64
        let topic: String
        let until: Int64
        let answer: Value
    }

    private struct State {
        var changes = LatestChanges()
        /// When the log was last read to its end; `nil` if something is known to have happened since.
        var readAt: Duration?
        var isReading = false
        var invalidations = 0

        func isTrusted(_ now: Duration) -> Bool {
            readAt.map { now - $0 < AccessCache.trust } ?? false
        }
    }

    private let cache: any Cache
    private let events: any EventLog
    private let secret: [UInt8]
    private let time: TimeSource
    private let log: Log
    private let fromCache: Counter
    private let fromDatabase: Counter
    private let state = Mutex(State())
    private let hasWarned = Atomic(false)

    /// - Parameters:
    ///   - cache: shared by all processes of the database, or the only process's own.
    ///   - events: the log in the database, never one that may lag behind it.
    package init(
        cache: any Cache, events: any EventLog, keyring: Keyring, time: TimeSource = .system, log: Log = .none,
        metrics: Metrics = Metrics()
    ) {
        self.cache = cache
        self.events = events
        self.time = time
        self.log = log.labelled("access cache")
        secret = keyring.key(for: "cached answers")
        func counter(_ source: String) -> Counter {
            metrics.counter(
                "tandem_access_answers_total", help: "Sessions and memberships of requests, by where they were found.",
                labels: ["from": source])
        }
        fromCache = counter("cache")
        fromDatabase = counter("database")
    }

    /// Call with what the bus delivers. After an event about a user, or an empty array (something was committed), the log
    /// is read before the cache is used again.
    package func received(_ events: [Event]) {
        guard events.isEmpty || events.contains(where: { $0.topic.hasPrefix(CommunityTopic.userPrefix) }) else {
            return
        }
        invalidate()
    }

    /// Call after a change that this process committed: it and every process that reaches the cache stop using these
    /// entries at once.
    func forget(_ keys: [Key]) async {
        invalidate()
        for key in keys { await cache.removeValue(for: key.text) }
    }

    private func invalidate() {
        state.withLock {
            $0.invalidations += 1
            $0.readAt = nil
        }
    }

    /// Returns the cached value, or the one that `load` reads from the database, which is then cached.
    ///
    /// - Throws: what `load` throws; the cache itself never fails.
    func value<Value: Codable & Sendable>(
        for key: Key, load: () async throws -> Loaded<Value>?
    ) async throws -> Value? {
        await readLog()
        let (position, isTrusted) = state.withLock { ($0.changes.position, $0.isTrusted(time.now)) }
        if isTrusted, let value: Value = await cached(key) {
            fromCache.increment()
            return value
        }
        fromDatabase.increment()
        let loaded = try await load()
        // `position` was read before the database was asked, so what was loaded reflects every event up to it.
        if let loaded, let position { await store(loaded, for: key, readAt: position) }
        return loaded?.value
    }

    // MARK: The log

    /// Reads the log's new events when that is due. One caller does; others go on with what is known.
    private func readLog() async {
        let begun = time.now
        let reading = state.withLock { state -> (position: Int64?, invalidations: Int)? in
            guard !state.isReading, state.readAt.map({ begun - $0 >= Self.due }) ?? true else { return nil }
            state.isReading = true
            return (state.changes.position, state.invalidations)
        }
        guard let reading else { return }
        // On any failure what is known grows old, and the database is asked instead.
        defer { state.withLock { $0.isReading = false } }
        // Numbers what has been committed: what is looked through below holds it.
        guard let last = try? await events.settledNumber else { return }
        var latest: [String: Int64]?
        if let position = reading.position, last - position <= Self.reach {
            do {
                latest = try await events.latest(
                    underPrefix: CommunityTopic.userPrefix, after: position, through: last)
            } catch {
                return
            }
        }
        state.withLock { state in
            if let latest { state.changes.take(latest, through: last) } else { state.changes.start(at: last) }
        }
        state.withLock { if $0.invalidations == reading.invalidations { $0.readAt = begun } }
    }

    // MARK: The cache

    private func cached<Value: Codable & Sendable>(_ key: Key) async -> Value? {
        guard let bytes = await cache.value(for: key.text) else { return nil }
        guard bytes.count > SHA256.byteCount,
            constantTimeEquals(signature(of: bytes[SHA256.byteCount...], for: key), Array(bytes[..<SHA256.byteCount])),
            let entry = try? JSONDecoder().decode(Entry<Value>.self, from: Data(bytes[SHA256.byteCount...]))
        else {
            if !hasWarned.exchange(true, ordering: .relaxed) {
                log.warning(
                    "the cache holds entries of another system or secret; they are ignored")
            }
            return nil
        }
        guard entry.epoch == events.epoch, entry.until > time.milliseconds else { return nil }
        // Checked now because the cache may have taken its time.
        let holds = state.withLock { $0.isTrusted(time.now) && $0.changes.holds(entry.topic, readAt: entry.number) }
        return holds ? entry.answer : nil
    }

    private func store<Value: Codable & Sendable>(
        _ loaded: Loaded<Value>, for key: Key, readAt number: Int64
    ) async {
        let (now, topic) = (time.milliseconds, CommunityTopic.name(of: loaded.user))
        let until = min(loaded.until, now + Self.lifetime.milliseconds)
        let entry = Entry(epoch: events.epoch, number: number, topic: topic, until: until, answer: loaded.value)
        guard until > now, let body = try? JSONEncoder().encode(entry) else { return }
        let bytes = signature(of: body, for: key) + body
        await cache.set(bytes, for: key.text, lifetime: .milliseconds(until - now))
    }

    /// Bound to the key as well, so that an entry is worth nothing under another key.
    private func signature(of body: some Sequence<UInt8>, for key: Key) -> [UInt8] {
        HMACSHA256.authenticate(Array(key.text.utf8) + [0] + body, key: secret)
    }
}
