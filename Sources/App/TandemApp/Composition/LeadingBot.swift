import Bot
import Core
import Discord
import Store
import Synchronization

/// Runs the bot in one process at a time: there is one gateway session, and each game has one message. When the leading
/// process ends, another takes over.
struct LeadingBot: Service {
    let name = "bot"
    let database: any Database
    let log: Log
    /// A bot runs once, so each time this process becomes the leader it makes a new one.
    let make: @Sendable () -> Bot

    /// - Throws: `GatewayError` when Discord refuses the bot for good.
    func run() async throws {
        let refusal = Refusal()
        await database.whileLeading(name, log: log) {
            do { try await make().run() } catch let error as GatewayError { refusal.error.withLock { $0 = error } }
        }
        if let error = refusal.error.withLock(\.self) { throw error }
    }

    private final class Refusal: Sendable {
        let error = Mutex<GatewayError?>(nil)
    }
}
