import Store

/// What one process knows from the event log of whom something has changed for: enough to tell whether an answer that was
/// read some events ago is still the database's answer.
///
/// Whatever takes access or a session from somebody appends an event on their topic in the same transaction. So an answer
/// about a person that was read when `n` events were there is still true if no later event is on their topic, as far as
/// the log has been read.
struct HeardChanges {
    /// How many people's last changes are remembered.
    static let limit = 10_000

    /// Up to here the log has been read; `nil` before the first look.
    private(set) var position: Int64?
    /// Answers that are older than this are not judged: they count as outdated.
    private var floor: Int64 = 0
    private var changes: [String: Int64] = [:]

    /// Begins anew at `number`, without having heard of what was before.
    mutating func start(at number: Int64) {
        position = number
        floor = number
        changes = [:]
    }

    /// Takes the events that follow `position`; `false`, and nothing taken, when they don't.
    mutating func take(_ events: [Event]) -> Bool {
        guard let position, let last = events.last else { return events.isEmpty }
        guard events.first?.number == position + 1 else { return false }
        for event in events { if case .user? = Topic(event.topic) { changes[event.topic] = event.number } }
        self.position = last.number
        if changes.count > Self.limit { start(at: last.number) }
        return true
    }

    /// Whether an answer about the one whose topic this is, read when the log had `number` events, has not been changed by
    /// those that were read since.
    func holds(_ topic: String, readAt number: Int64) -> Bool {
        position != nil && number >= floor && number >= changes[topic, default: 0]
    }
}
