package import Core
import Synchronization

/// A cache within one process, for systems of one process and for tests. When it's full, the oldest entries go first.
/// Throws `CacheError`, as `Cache` says.
package final class MemoryCache: Cache {
    private struct Entry {
        var value: [UInt8]
        var count = 0
        let expiry: Duration
        /// Which of the places in `order` is this entry's.
        let place: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Keys in the order in which they came; those whose entry has another place by now count for nothing.
        var order = Deque<(key: String, place: Int)>()
        var next = 0
        var bytes = 0

        mutating func entry(_ name: String, at now: Duration) -> Entry? {
            guard let entry = entries[name] else { return nil }
            guard entry.expiry > now else {
                _ = remove(name)
                return nil
            }
            return entry
        }

        mutating func remove(_ name: String) -> Entry? {
            let entry = entries.removeValue(forKey: name)
            bytes -= entry?.value.count ?? 0
            return entry
        }

        mutating func removeOldest() {
            while let (key, place) = order.popFirst() {
                guard entries[key]?.place == place else { continue }
                _ = remove(key)
                return
            }
        }

        /// Places that count for nothing don't pile up.
        mutating func tidy() {
            guard order.count > 2 * entries.count + 64 else { return }
            let entries = entries
            order.removeAll { entries[$0.key]?.place != $0.place }
        }
    }

    private let state = Mutex(State())
    private let entryLimit: Int
    private let byteLimit: Int
    private let time: TimeSource
    private let meters: CacheMeters

    /// - Parameter byteLimit: for all values together.
    package init(
        entryLimit: Int = 100_000, byteLimit: Int = 64 * 1024 * 1024, time: TimeSource = .system, log: Log = .none,
        metrics: Metrics = Metrics()
    ) {
        precondition(entryLimit > 0 && byteLimit >= CacheLimits.valueBytes)
        self.entryLimit = entryLimit
        self.byteLimit = byteLimit
        self.time = time
        meters = CacheMeters(log: log, metrics: metrics)
    }

    package func value(for key: String) -> [UInt8]? {
        let value = state.withLock { $0.entry("v:" + key, at: time.now)?.value }
        meters.read(found: value != nil)
        return value
    }

    package func set(_ value: [UInt8], for key: String, lifetime: Duration) {
        guard fits(key, value) else { return meters.tooLarge("set", value.count) }
        keep(value, "v:" + key, lifetime)
    }

    package func removeValue(for key: String) { state.withLock { _ = $0.remove("v:" + key) } }

    package func deposit(_ value: [UInt8], for key: String, lifetime: Duration) throws(CacheError) {
        guard fits(key, value) else { throw CacheError(.tooLarge, "this is too large to be stored") }
        keep(value, "t:" + key, lifetime)
    }

    package func take(_ key: String) throws(CacheError) -> [UInt8]? {
        state.withLock { state in
            let entry = state.entry("t:" + key, at: time.now)
            _ = state.remove("t:" + key)
            return entry?.value
        }
    }

    package func increment(_ key: String, by amount: Int, window: Duration) -> Int? {
        guard fits(key, []) else {
            meters.tooLarge("increment", key.utf8.count)
            return nil
        }
        return state.withLock { state in
            let (now, name) = (time.now, "c:" + key)
            if state.entry(name, at: now) == nil { insert([], name, window, now, &state) }
            state.entries[name]?.count += amount
            return state.entries[name]?.count
        }
    }

    private func fits(_ key: String, _ value: [UInt8]) -> Bool {
        key.utf8.count <= CacheLimits.keyBytes && value.count <= CacheLimits.valueBytes
    }

    private func keep(_ value: [UInt8], _ name: String, _ lifetime: Duration) {
        guard lifetime > .zero else { return state.withLock { _ = $0.remove(name) } }
        state.withLock { insert(value, name, lifetime, time.now, &$0) }
    }

    private func insert(
        _ value: [UInt8], _ name: String, _ lifetime: Duration, _ now: Duration, _ state: inout State
    ) {
        _ = state.remove(name)
        state.next += 1
        state.entries[name] = Entry(value: value, expiry: now + lifetime, place: state.next)
        state.order.append((name, state.next))
        state.bytes += value.count
        while state.entries.count > entryLimit || state.bytes > byteLimit { state.removeOldest() }
        state.tidy()
    }
}
