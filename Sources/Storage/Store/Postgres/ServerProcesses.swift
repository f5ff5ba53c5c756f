import Core
import Synchronization

/// The server's processes that work for one database object, by which it recognises its own notifications.
final class ServerProcesses: Sendable {
    private let ids = Mutex<Set<Int32>>([])
    private let gauge: Gauge

    init(gauge: Gauge) { self.gauge = gauge }

    func contains(_ id: Int32) -> Bool { ids.withLock { $0.contains(id) } }

    func changed(new: Int32?, old: Int32?) {
        let count = ids.withLock { ids in
            if let old { ids.remove(old) }
            if let new { ids.insert(new) }
            return ids.count
        }
        gauge.set(count)
    }
}
