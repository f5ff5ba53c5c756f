import Core
import Discord
import Guilds
import Synchronization

/// Has the presses of one person on one message take effect in the order in which they came. Those of others, and on other
/// messages, aren't held up by them.
final class PressOrder: Sendable {
    private struct Line: Hashable {
        let user: UserID
        let message: Snowflake
    }

    /// The place of one interaction.
    struct Turn: Sendable {
        /// Opened when the press before is over.
        fileprivate let before: Latch?
        fileprivate let over: Latch
        fileprivate let leave: @Sendable () -> Void

        /// Returns when the presses before have taken effect.
        ///
        /// - Throws: `CancellationError`.
        func come() async throws {
            await before?.wait()
            try Task.checkCancellation()
        }

        /// The interaction has had its effect, or won't have one. May be called more than once.
        func end() {
            over.open()
            leave()
        }
    }

    /// The last press of each line that isn't over.
    private let last = Mutex<[Line: Latch]>([:])

    /// Takes a place behind those that were taken before by the same person on the same message.
    func turn(of interaction: Interaction) -> Turn {
        let over = Latch()
        guard interaction.type == .component, let user = interaction.author, let message = interaction.message?.id
        else { return Turn(before: nil, over: over) {} }
        let line = Line(user: user, message: message)
        let before = last.withLock { last in
            defer { last[line] = over }
            return last[line]
        }
        return Turn(before: before, over: over) { [self] in
            // One that was dropped isn't what the next one waits for, but the one before it still is.
            last.withLock { if $0[line] === over { $0[line] = before?.isOpen == false ? before : nil } }
        }
    }
}
