/// Counts answers 401, 403 and 429: after ten thousand of them within ten minutes Discord bans the address for an hour.
struct InvalidRequestBudget {
    /// Far below what Discord allows, since other processes may share the address.
    let limit: Int
    private var slots: [(start: Duration, count: Int)] = []

    private static let window = Duration.seconds(600)
    private static let slot = Duration.seconds(15)

    init(limit: Int) { self.limit = limit }

    mutating func record(at now: Duration) {
        if let last = slots.last, now - last.start < Self.slot {
            slots[slots.count - 1].count += 1
        } else {
            forget(before: now)
            slots.append((now, 1))
        }
    }

    /// When requests may go out again; `nil` while they may.
    mutating func exhaustedUntil(at now: Duration) -> Duration? {
        forget(before: now)
        var spent = slots.reduce(0) { $0 + $1.count }
        guard spent >= limit else { return nil }
        for slot in slots {
            spent -= slot.count
            if spent < limit { return slot.start + Self.window + Self.slot }
        }
        return now + Self.window
    }

    private mutating func forget(before now: Duration) {
        slots.removeAll { now - $0.start >= Self.window + Self.slot }
    }
}
