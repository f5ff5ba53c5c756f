import Synchronization

/// Presence within one process.
package final class MemoryPresence: Presence {
    private let leases = Mutex<[String: [String: ContinuousClock.Instant]]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter now: the time, for tests.
    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    package func arrive(_ member: String, in place: String, lease: Duration) -> Bool {
        let now = now()
        leases.withLock { leases in
            var members = leases[place, default: [:]]
            // Others' leases are looked at too, so that nobody stays where people come and go.
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
        let now = now()
        return leases.withLock { leases in
            let members = (leases[place] ?? [:]).filter { $0.value > now }
            leases[place] = members.isEmpty ? nil : members
            return members.keys.sorted()
        }
    }
}
