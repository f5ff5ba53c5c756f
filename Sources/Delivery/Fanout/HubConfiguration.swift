/// How a hub treats its streams. The defaults suit production; tests shorten the times.
package struct HubConfiguration: Sendable {
    /// How often each stream is sent a heartbeat; clients consider a stream dead after one and a half of it.
    package var heartbeat: Duration = .seconds(30)
    /// The events that each shard keeps in memory for clients that were away for a moment.
    package var recentEvents = 1024
    /// How many events are read from the log together for longer replays.
    package var replayBatch = 1024
    /// The bytes of frames that were read for replays and are kept for other streams that need the same.
    package var replayMemory = 32 * 1024 * 1024
    /// How many events of the log, of whatever topics, a client may be behind. One that is further behind is sent `reset`: to
    /// fetch what it shows anew costs less.
    package var replayLimit: Int64 = 250_000
    /// How many streams may be opened in a second, where the caller asks; 0: any number.
    package var admissionsPerSecond = 1000
    /// A replay proceeds in steps of about this many bytes, and waits for a reader that has more than that unread.
    package var replayWindow = 64 * 1024
    /// Replays that are under way at once, and as many renewals; the others wait their turn.
    package var concurrentCatchUps = 16
    /// Replays that wait for their turn, and as many renewals. A stream beyond that many stays where it is and asks again within
    /// the heartbeat's interval.
    package var waitingCatchUps = 65_536
    /// A principal's streams on all loops together, beyond which no other is opened; 0: any number.
    package var streamsPerPrincipal = 20
    /// The bounds between which a client's delay before it reconnects is drawn.
    package var retry: ClosedRange<Duration> = .milliseconds(500) ... .seconds(3)
    /// A stream whose client has left more than this many bytes unread is closed; it resumes where it was.
    package var queueLimit = 256 * 1024

    /// The bytes of events that may wait for an event loop. One that can't follow is handed no more; its streams read the log
    /// once it has taken these.
    package var backlogBytes = 32 * 1024 * 1024

    /// Into how many moments the heartbeats of a shard are spread.
    static let slots = 30

    package init() {}

    var randomRetry: Duration { retry.lowerBound + (retry.upperBound - retry.lowerBound) * Double.random(in: 0...1) }
}
