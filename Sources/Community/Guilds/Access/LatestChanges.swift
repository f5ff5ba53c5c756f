/// What one process has read from the event log: the number of the latest event about each user, enough to tell whether
/// something read from the database some events ago is still what the database says.
///
/// Whatever takes access or a session from a user appends an event on the user's topic in the same transaction. So what
/// was read about a user when the log had `n` events still holds if no later event is on their topic, as far as the log
/// has been read.
struct LatestChanges {
    /// How many users' latest changes are kept.
    static let limit = 10_000

    /// The log has been read up to here; `nil` before the first look.
    private(set) var position: Int64?
    /// What was read before this event can't be judged and counts as outdated.
    private var floor: Int64 = 0
    private var changes: [String: Int64] = [:]

    /// Starts over at `number`, with no knowledge of earlier events.
    mutating func start(at number: Int64) {
        position = number
        floor = number
        changes = [:]
    }

    /// Takes in the latest event on each user's topic between `position` and `number`.
    mutating func take(_ latest: [String: Int64], through number: Int64) {
        changes.merge(latest) { max($0, $1) }
        position = number
        guard changes.count > Self.limit else { return }
        // The older half is given up, and with it what was read before.
        let numbers = changes.values.sorted()
        floor = max(floor, numbers[numbers.count / 2])
        changes = changes.filter { $0.value > floor }
    }

    /// Whether what was read about the user of this topic when the log had `number` events still holds after the events
    /// taken in since.
    func holds(_ topic: String, readAt number: Int64) -> Bool {
        position != nil && number >= floor && number >= changes[topic, default: 0]
    }
}
