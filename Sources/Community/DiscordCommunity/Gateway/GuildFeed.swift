package import Core
package import Discord
package import Guilds
import Store
import Synchronization

/// Records in the guild directory what the gateway of one shard reports, event by event, guilds several at a time.
package final class GuildFeed: Sendable {
    struct State {
        var session: String?
        /// Whether every event of the session was recorded. One that was left out may have taken access from somebody, so
        /// without it the session confirms nobody's membership.
        var isWhole = true
        var chunks = MemberChunks()
        var guilds: Set<GuildID> = []
    }

    let directory: GuildDirectory
    let shard: GatewaySession.Shard?
    let state = Mutex(State())
    private let time: TimeSource
    let log: Log

    /// - Parameter shard: the one that the gateway identifies as; `nil` when there is only one.
    package init(directory: GuildDirectory, shard: GatewaySession.Shard?, time: TimeSource = .system, log: Log) {
        self.directory = directory
        self.shard = shard
        self.time = time
        self.log = log
    }

    /// The guilds that the gateway has reported.
    package var guilds: Set<GuildID> { state.withLock { $0.guilds } }

    /// How often recording an event is attempted when the database works and only the event itself seems to be at fault.
    private static let attempts = 5

    /// Returns when the delivery is recorded, or the task is cancelled. While the database is busy or unavailable it waits:
    /// the gateway reports everything once. An event that can't be recorded although the database works is left out, since
    /// every interaction behind it would wait.
    package func received(_ delivery: GatewayDelivery, from gateway: Gateway) async {
        var failures = 0
        do {
            try await time.retrying(
                Backoff(base: .milliseconds(50), limit: .seconds(5)),
                failed: { error, _ in
                    log.error("an event from Discord can't be stored, trying again", ["error": "\(error)"])
                },
                while: { error in
                    guard let error = error as? StoreError else { return false }
                    if !error.isTemporary { failures += 1 }
                    return failures < Self.attempts
                }
            ) { try await record(delivery, from: gateway) }
        } catch is CancellationError {
            return
        } catch {
            // One of several guilds needn't cost the others.
            if case .guilds(let creates) = delivery, creates.count > 1 {
                for create in creates { await received(.guilds([create]), from: gateway) }
                return
            }
            state.withLock { $0.isWhole = false }
            log.error(
                "an event from Discord is left out; until the next session, memberships are confirmed one by one",
                ["error": "\(error)"])
        }
    }

    func confirm(at moment: Int64) async throws {
        guard let session = state.withLock({ $0.isWhole ? $0.session : nil }) else { return }
        try await directory.gatewayConfirmed(session: session, at: moment)
    }
}
