package import Core
import Synchronization

/// Asks Discord for the gateway's address and the bot's limits, for all shards of a process together: Discord answers this
/// question only a few times in as many seconds.
package final class GatewayLookup: Sendable {
    /// How long an answer is used.
    private static let lifetime = Duration.seconds(5)

    private let rest: RESTClient
    private let time: TimeSource
    private let flights = SingleFlight<Int, GatewayBot>()
    private let latest = Mutex<(answer: GatewayBot, since: Duration)?>(nil)

    package init(_ rest: RESTClient, time: TimeSource = .system) {
        self.rest = rest
        self.time = time
    }

    /// - Throws: `DiscordError`; `CancellationError`.
    package func gateway() async throws -> GatewayBot {
        try await flights(0) {
            if let (answer, since) = latest.withLock(\.self), time.now - since < Self.lifetime { return answer }
            let answer = try await rest.gatewayBot()
            latest.withLock { [now = time.now] in $0 = (answer, now) }
            return answer
        }
    }
}
