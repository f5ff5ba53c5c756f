package import Core
import Crypto
import Synchronization

/// The state of the sandbox: the world, gateway sessions, rate limits, OAuth2 grants and faults.
///
/// It changes in transactions under one lock, so that all sessions see the effects of requests, and the events they cause,
/// in one order. A transaction never waits and does no I/O: outlets only queue what they are given.
package final class Realm: Sendable {
    /// How the realm starts, and its limits.
    package struct Configuration: Sendable {
        /// The application that is installed from the start.
        package var application: Application
        /// How often clients must send heartbeats, as Hello asks.
        package var heartbeatInterval = Duration.milliseconds(41_250)
        /// Guilds and people beside those that are always there.
        package var crowd = Seed.Crowd()
        /// How many shards may identify in five seconds: one for each `shard_id % max_concurrency`.
        package var identifyConcurrency = 1
        /// How many sessions an application may start in a day.
        package var sessionStarts = 1000
        /// How long a session can be resumed after its socket is gone.
        package var sessionLifetime = Duration.seconds(300)

        package init(application: Application) { self.application = application }
    }

    /// All mutable state.
    package struct State: Sendable {
        package var world: World
        package var sessions: GatewaySessions
        package var limits = RateLimits()
        package var faults = Faults()
        package var grants = OAuthGrants()
        var waits: [UInt64: [Wait]] = [:]
        var nextWait: UInt64 = 0
        var watchers: [UInt64: Watcher] = [:]
        var nextWatcher: UInt64 = 0
        /// Changes that are sent to watchers at the end of the transaction.
        var changes: [JSON] = []
        package var now: Int64 { world.now }
    }

    /// A request that waits for an interaction's outcome.
    struct Wait: Sendable {
        let id: UInt64
        let isOver: @Sendable (Interaction) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    /// A chat page, which receives every change.
    struct Watcher: Sendable {
        let send: @Sendable (JSON) -> Void
    }

    package let configuration: Configuration
    let time: TimeSource
    let log: Log
    /// Runs something later. The realm itself has no timers.
    let schedule: @Sendable (Duration, @escaping @Sendable () -> Void) -> Void
    private let state: Mutex<State>

    package init(
        configuration: Configuration, time: TimeSource = .system, log: Log = .none,
        schedule: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Void
    ) {
        self.configuration = configuration
        self.time = time
        self.log = log
        self.schedule = schedule
        let now = time.milliseconds
        state = Mutex(
            State(
                world: .seeded(now: now, application: configuration.application, crowd: configuration.crowd),
                sessions: GatewaySessions(
                    lifetime: configuration.sessionLifetime,
                    starts: SessionStarts(
                        concurrency: configuration.identifyConcurrency, total: configuration.sessionStarts))))
    }

    /// Runs `body` on the state, then passes the events that it caused to sessions, watchers and waiting requests.
    ///
    /// - Throws: what `body` throws.
    package func transaction<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result where Result: Sendable {
        try state.withLock { (state) throws(Failure) -> Result in
            state.world.now = max(state.world.now, time.milliseconds)
            defer { state.settle() }
            return try body(&state)
        }
    }

    /// Returns an unguessable token: `count` random bytes in hexadecimal.
    static func randomToken(_ count: Int = 32) -> String {
        Hex.encode(SecureRandom.bytes(count))
    }
}

extension Realm.State {
    fileprivate mutating func settle() {
        let dispatches = world.takeDispatches()
        if !dispatches.isEmpty { sessions.deliver(dispatches, in: world) }
        changes += world.takeChanges().compactMap { ChatEvents.json($0, in: world) }
        if !changes.isEmpty {
            for watcher in watchers.values { for change in changes { watcher.send(change) } }
            changes.removeAll()
        }
        for (id, list) in waits {
            let interaction = world.interactions[id]
            let over = list.filter { wait in interaction.map(wait.isOver) ?? true }
            guard !over.isEmpty else { continue }
            let ended = Set(over.map(\.id))
            let left = list.filter { !ended.contains($0.id) }
            waits[id] = left.isEmpty ? nil : left
            for wait in over { wait.continuation.resume() }
        }
    }
}
