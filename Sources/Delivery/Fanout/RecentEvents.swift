/// The last events that a shard delivered, so that a client that was away for a moment is caught up from memory,
/// without asking the event log and without leaving the loop.
struct RecentEvents {
    private var events: [EncodedEvent?]
    private var start = 0
    private(set) var count = 0

    init(capacity: Int) {
        precondition(capacity > 0)
        events = Array(repeating: nil, count: capacity)
    }

    mutating func append(_ event: EncodedEvent) {
        if count > 0, event.number != self[count - 1].number + 1 { removeAll() }
        if count == events.count {
            events[start] = event
            start = (start + 1) % events.count
        } else {
            events[(start + count) % events.count] = event
            count += 1
        }
    }

    /// The position of the first event after `number`, or nil when the memory doesn't reach back that far.
    func firstIndex(after number: Int64, upTo position: Int64) -> Int? {
        if number >= position { return count }
        guard count > 0, self[0].number <= number + 1 else { return nil }
        return Int(number + 1 - self[0].number)
    }

    subscript(_ index: Int) -> EncodedEvent {
        guard let event = events[(start + index) % events.count] else { preconditionFailure("index out of range") }
        return event
    }

    mutating func removeAll() {
        for index in events.indices { events[index] = nil }
        start = 0
        count = 0
    }
}
