package import Core
import Synchronization

/// Runs `body` while no other shard may identify whose number has the same remainder as this one's when divided by
/// `max_concurrency`, and which is in `bucket` for that. See Discord's Max Concurrency
/// (events/gateway#sharding-max-concurrency).
///
/// `body` returns when the others may go on.
package typealias IdentifyTurns = @Sendable (_ bucket: Int, _ body: @Sendable () async -> Void) async throws -> Void

/// A shard's turn to identify: it lasts until the shard has identified, and five seconds more, or has failed to.
package final class IdentifyTurn: Sendable {
    /// Discord counts from when it receives one: if that was delayed on the way, the next one may still come too early.
    private static let spacing = Duration.milliseconds(5250)

    private let over = Latch()
    private let isUsed = Atomic(false)

    package init() {}

    /// Whether the shard has identified or not, its turn is over for it.
    package func end(identified: Bool) {
        if identified { isUsed.store(true, ordering: .releasing) }
        over.open()
    }

    /// Returns when others may identify, or when the task is cancelled.
    package func wait(time: TimeSource) async {
        await over.wait()
        if isUsed.load(ordering: .acquiring) { try? await time.sleep(for: Self.spacing) }
    }
}
