package import Core
import Synchronization

/// Presence within one process. Not used yet: see `Presence`.
package final class MemoryPresence: Presence {
    private let leases = Mutex<[String: [String: Duration]]>([:])
    private let time: TimeSource

    package init(time: TimeSource = .system) { self.time = time }

    package func arrive(_ member: String, in place: String, lease: Duration) -> Bool {
        let now = time.now
        leases.withLock { leases in
            var members = leases[place, default: [:]]
            // Expired leases of others go too, so that a place doesn't grow while members come and go.
            members = members.filter { $0.value > now }
            members[member] = now + lease
            leases[place] = members
        }
        return true
    }

    package func leave(_ member: String, from place: String) -> Bool {
        leases.withLock { leases in
            leases[place]?[member] = nil
            if leases[place]?.isEmpty == true { leases[place] = nil }
        }
        return true
    }

    package func members(of place: String) -> [String]? {
        let now = time.now
        return leases.withLock { leases in
            let members = (leases[place] ?? [:]).filter { $0.value > now }
            leases[place] = members.isEmpty ? nil : members
            return members.keys.sorted()
        }
    }
}
