import Bot
import Core
import Discord
import Store
import Synchronization

/// The bot, in one process at a time: Discord is spoken to on one session, and each game has one message. When the process
/// that leads ends, another one takes over.
struct LeadingBot: Service {
    let name = "bot"
    let database: any Database
    let log: Log
    /// A bot works once; each time this process comes to lead, a new one is made.
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
