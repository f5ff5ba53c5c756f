/// Keeps the commands sent on one gateway connection below Discord's limit of 120 in 60 s. Heartbeats are always sent, and
/// count; other commands are sent while there is room for the heartbeats to come, and wait in order otherwise.
struct SendBudget {
    private let limit: Int
    private let capacity: Int
    private var sent: [Duration] = []
    private var waiting: [GatewayCommand] = []

    /// Discord counts what it receives: what was delayed on the way may arrive together with what is sent a minute later, so this
    /// is longer than its window.
    private static let window = Duration.seconds(65)

    /// - Parameter capacity: at least the number of guilds of one shard (2500 at most), all of whose members are requested at
    ///   the start.
    init(limit: Int = 110, capacity: Int = 4096) {
        self.limit = limit
        self.capacity = capacity
    }

    /// - Returns: false when too many wait already.
    mutating func enqueue(_ command: GatewayCommand) -> Bool {
        guard waiting.count < capacity else { return false }
        waiting.append(command)
        return true
    }

    /// Counts a command that can't wait: a heartbeat, or the Identify or Resume that begins a connection.
    mutating func recordUrgent(at now: Duration) { sent.append(now) }

    /// Returns the commands that may be sent now, and when the next one may be.
    mutating func due(at now: Duration) -> (commands: [GatewayCommand], next: Duration?) {
        sent.removeAll { $0 + Self.window <= now }
        let count = min(max(0, limit - sent.count), waiting.count)
        let commands = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        sent.append(contentsOf: repeatElement(now, count: count))
        // `sent` is in order of time, so its first element is the first to leave the window.
        return (commands, waiting.isEmpty ? nil : sent[0] + Self.window)
    }

    /// Resets the budget for a new connection; waiting commands keep waiting.
    mutating func connectionBegan() { sent = [] }
}
