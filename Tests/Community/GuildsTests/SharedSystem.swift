import Cache
import Core
import Guilds
import Store
import Synchronization
import Testing
import TestSupport

/// Processes that share a database and a cache, on clocks that stand still until told.
final class SharedSystem: Sendable {
    let community: Community
    let cache = WatchedCache()

    init() async throws { community = try await Community() }

    func passes(_ duration: Duration) { community.time.advance(by: duration) }

    func process(
        _ cache: (any Cache)? = nil, keyring: Keyring = Keyring(Secret(String(repeating: "k", count: 32)))
    ) -> SharingProcess {
        SharingProcess(community, cache ?? self.cache, keyring)
    }
}

/// What a process has of its own.
final class SharingProcess: Sendable {
    let events: FailingLog
    let cache: AccessCache
    let sessions: Sessions
    let directory: GuildDirectory
    let policy: AccessPolicy
    private let metrics = Metrics()
    private let logged = Lines()
    private let baseline = Mutex((reads: 0, hits: 0))

    init(_ community: Community, _ cache: any Cache, _ keyring: Keyring) {
        events = FailingLog(community.database)
        let time = community.time.source
        self.cache = AccessCache(
            cache: cache, events: events, keyring: keyring, time: time, log: Log { [logged] in logged.add($0) },
            metrics: metrics)
        directory = GuildDirectory(database: community.database, cache: self.cache, time: time)
        sessions = Sessions(database: community.database, keyring: keyring, cache: self.cache, time: time)
        policy = AccessPolicy(
            database: community.database, directory: directory, source: nil, cache: self.cache, time: time)
    }

    /// What it has logged.
    var lines: [String] { logged.all }

    /// Answers that are older than a process's first look count for nothing with it.
    func warmUp() async {
        _ = try? await sessions.find(token: String(repeating: "A", count: 43))
        baseline.withLock { $0 = (count("database"), count("cache")) }
    }

    /// How many answers came from the database, and from the cache.
    var reads: Int { count("database") - baseline.withLock { $0.reads } }
    var hits: Int { count("cache") - baseline.withLock { $0.hits } }

    private func count(_ source: String) -> Int {
        let name = #"tandem_access_answers_total{from="\#(source)"} "#
        let line = metrics.rendered().split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.dropFirst(name.count)) } ?? -1
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// The log of the database, which can be made unreadable.
final class FailingLog: EventLog {
    private let database: any Database
    private let away = Atomic(false)
    let epoch = "shared"

    init(_ database: any Database) { self.database = database }

    var isAway: Bool {
        get { away.load(ordering: .relaxed) }
        set { away.store(newValue, ordering: .relaxed) }
    }

    private var log: DatabaseEventLog {
        get async throws {
            if isAway { throw StoreError(.unavailable, "away, as the test asks") }
            return try await DatabaseEventLog(database)
        }
    }

    var lastNumber: Int64 { get async throws { try await log.lastNumber } }
    var settledNumber: Int64 { get async throws { try await log.settledNumber } }
    var oldestNumber: Int64 { get async throws { try await log.oldestNumber } }
    func read(after number: Int64, limit: Int) async throws -> [Event] {
        try await log.read(after: number, limit: limit)
    }
    func append(_ draft: EventDraft) async throws -> Int64 { try await log.append(draft) }
}

/// A cache that can be looked into and disturbed.
final class WatchedCache: Cache {
    private let values = Mutex<[String: [UInt8]]>([:])
    private let before = Mutex<(@Sendable () async throws -> Void)?>(nil)

    var count: Int { values.withLock { $0.count } }
    var all: (keys: [String], values: [String]) {
        values.withLock { values in
            (Array(values.keys), values.values.map { String(decoding: $0, as: UTF8.self) })
        }
    }
    func beforeNextSet(_ work: @escaping @Sendable () async throws -> Void) { before.withLock { $0 = work } }
    func replaceValues(by value: [UInt8]) { values.withLock { values in values = values.mapValues { _ in value } } }
    func swapValues() {
        values.withLock { values in
            let keys = values.keys.sorted()
            (values[keys[0]], values[keys[1]]) = (values[keys[1]], values[keys[0]])
        }
    }

    func value(for key: String) -> [UInt8]? { values.withLock { $0[key] } }
    func set(_ value: [UInt8], for key: String, lifetime: Duration) async {
        let work = before.withLock { before in
            defer { before = nil }
            return before
        }
        do { try await work?() } catch { Issue.record(error) }
        values.withLock { $0[key] = value }
    }
    func removeValue(for key: String) { values.withLock { $0[key] = nil } }
    func deposit(_: [UInt8], for _: String, lifetime _: Duration) {}
    func take(_: String) -> [UInt8]? { nil }
    func increment(_: String, by _: Int, window _: Duration) -> Int? { nil }
}
