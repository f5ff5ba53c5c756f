/// Keeps what is sent on one gateway connection below Discord's 120 in 60 s. Heartbeats always go, and count;
/// everything else goes while there is room for the heartbeats to come, and waits in order otherwise.
struct SendBudget {
    private let limit: Int
    private let capacity: Int
    private var sent: [Duration] = []
    private var waiting: [GatewayCommand] = []

    private static let window = Duration.seconds(60)

    /// - Parameter capacity: at least the guilds of one shard (2500 at most), whose members are all asked for at the start.
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

    /// For what can't wait: heartbeats, and the Identify or Resume that begins a connection.
    mutating func recordUrgent(at now: Duration) { sent.append(now) }

    /// The commands whose turn it is, and when the next one's will be.
    mutating func due(at now: Duration) -> (commands: [GatewayCommand], next: Duration?) {
        sent.removeAll { $0 + Self.window <= now }
        let count = min(max(0, limit - sent.count), waiting.count)
        let commands = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        sent.append(contentsOf: repeatElement(now, count: count))
        // Sends come in order of time, so the oldest is the first to leave the window.
        return (commands, waiting.isEmpty ? nil : sent[0] + Self.window)
    }

    /// A new connection has a budget of its own; what waits goes on waiting.
    mutating func connectionBegan() { sent = [] }
}
