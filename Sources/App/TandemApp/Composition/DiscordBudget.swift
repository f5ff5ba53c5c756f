package import Cache
package import Core
import Crypto
import Discord
import Synchronization

/// Keeps what all processes send to Discord with the bot's token below Discord's limit of 50 requests a second.
///
/// Processes that share a cache count their requests there: 8 in 200 ms, so that no second has more than 48. Without one, or while
/// it is unavailable, each process takes the share that its shards have of all.
package final class DiscordBudget: RequestBudget {
    private static let window = Duration.milliseconds(200)
    private static let inWindow = 8
    private static let perSecond = 40.0

    private struct State {
        /// Of how many shards this process runs how many.
        var held = 0
        var shards = 1
        /// When the next request may be sent, by this process's share.
        var next = Duration.zero
    }

    private let cache: (any Cache)?
    private let key: String
    private let time: TimeSource
    private let state = Mutex(State())

    /// - Parameter cache: one that all processes share; `nil` without.
    package init(token: Secret, cache: (any Cache)?, time: TimeSource = .system) {
        self.cache = cache
        self.time = time
        key = "discord:" + Hex.encode(Array(SHA256.hash(Array(token.revealed.utf8)).prefix(8)))
    }

    /// This process runs one more shard, of so many.
    package func began(of shards: Int) {
        state.withLock { state in
            state.held += 1
            state.shards = shards
        }
    }

    /// It runs one less.
    package func ended() { state.withLock { $0.held -= 1 } }

    /// - Throws: `CancellationError`.
    package func take() async throws {
        if let cache {
            while let count = await cache.increment(key, by: 1, window: Self.window) {
                if count <= Self.inWindow { return }
                try await time.sleep(for: .milliseconds(Int.random(in: 20...80)))
            }
        }
        if let moment = turn() { try await time.sleep(until: moment) }
    }

    /// When the next request may be sent by this process's share; `nil` for at once.
    private func turn() -> Duration? {
        state.withLock { state in
            // Without shards it asks only for members, which has a limit of its own.
            guard (1..<state.shards).contains(state.held) else { return nil }
            let share = Self.perSecond * Double(state.held) / Double(state.shards)
            let moment = max(time.now, state.next)
            state.next = moment + .seconds(1 / share)
            return moment
        }
    }
}
