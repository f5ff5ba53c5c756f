import Core
import Discord
import DiscordCommunity
import Guilds
import Scheduler

/// Dispatches button presses and commands to the game service, and answers them on Discord: an acknowledgement at once, since
/// Discord waits three seconds, and the outcome when it is known.
struct InteractionDispatcher: Sendable {
    let games: GameService
    /// How much each user may change, on Discord and on the web together.
    let writes: Allowance
    let rest: RESTClient
    let time: TimeSource
    let log: Log
    let duration: Histogram

    /// Returns when everything about the interaction is done. Doesn't throw: an error can't be reported to
    /// anyone by then, so it is logged.
    ///
    /// - Parameter turn: awaited before a press takes effect, and ended when it has.
    func handle(_ interaction: Interaction, _ turn: PressOrder.Turn) async {
        let start = time.now
        do {
            switch interaction.type {
            case .component: try await handleButton(interaction, turn)
            case .command: try await handleCommand(interaction)
            default: return
            }
        } catch is CancellationError {
            return
        } catch {
            let hint =
                switch (error as? DiscordError)?.discordCode {
                case .unknownInteraction: "it came too late"
                case .alreadyAcknowledged: "answered twice"
                default: "-"
                }
            log.warning(
                "an interaction could not be answered",
                ["interaction": "\(interaction.id)", "error": "\(error)", "hint": hint])
        }
        duration.record(time.now - start)
    }

    /// Counts one more change by the user.
    ///
    /// - Throws: `AllowanceExceeded`.
    func requireAllowance(of user: UserID) async throws {
        if let seconds = await writes.take(user) { throw AllowanceExceeded(seconds: seconds) }
    }

    /// An interaction that Discord delivers twice is one command.
    static func command(_ interaction: Interaction, _ fingerprint: String) -> Scheduler.Command? {
        Scheduler.Command(key: "discord:\(interaction.id)", fingerprint: fingerprint)
    }

    /// What the user may know of why their interaction failed.
    func explanation(of error: any Error, _ interaction: Interaction) -> String {
        switch error {
        case let error as AllowanceExceeded:
            return "That was a lot at once! Please try again in \(error.seconds) "
                + "\(error.seconds == 1 ? "second" : "seconds")."
        case SchedulerError.timedOut(let end):
            // Discord shows times in the reader's own zone.
            return
                "You are timed out in this server until <t:\((end + 999) / 1000):f>. Until then, you can look at games "
                + "and leave them."
        case let error as SchedulerError: return error.message
        default:
            log.error("an interaction failed", ["interaction": "\(interaction.id)", "error": "\(error)"])
            return "Something went wrong. Please try again in a moment."
        }
    }
}

/// The user has made too many changes.
struct AllowanceExceeded: Error {
    /// After how many more changes are possible.
    let seconds: Int64
}

extension Interaction {
    /// The user who pressed the button or ran the command.
    var author: UserID? { (member?.user ?? user).flatMap { UserID(discord: $0.id) } }
}
