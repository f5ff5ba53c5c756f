import Core

/// The commands of one connection, as a value without socket or clock: which wait for the connection, which are to be sent
/// in this turn, and which have been sent and not been answered. Answers come in the order of the commands.
///
/// `Completion` is what receives a command's outcome. The queue returns completions, it never calls them.
package struct RedisCommandQueue<Completion> {
    /// What becomes of new commands.
    private enum Intake {
        /// No connection, and none that is worth waiting for.
        case refusing
        /// They wait for the connection that is being made.
        case holding([(RedisCommand, Completion)])
        case sending
        case closed
    }

    /// What became of a command that was handed in.
    package enum Admission {
        case held
        /// Waits in `output`. The first one of a turn: its owner writes the output at the end of the turn.
        case queued(isFirst: Bool)
        case refused(RedisError, Completion)
    }

    private let address: String
    private let countLimit: Int
    private let byteLimit: Int
    private let timeout: Duration
    private var intake = Intake.refusing
    private var unanswered = Deque<(completion: Completion, deadline: Duration)>()
    private var output: [[UInt8]] = []
    private var outputBytes = 0

    /// - Parameter configuration: how many commands may wait, with how many bytes, and for how long.
    package init(_ configuration: RedisConfiguration) {
        address = configuration.address
        countLimit = configuration.waitingCommands
        byteLimit = configuration.waitingBytes
        timeout = configuration.commandTimeout
    }

    /// Nothing has been sent that is still to be answered.
    package var isIdle: Bool { unanswered.isEmpty }

    /// An attempt to connect begins. Commands wait for it if it `isHopeful`, and are refused at once otherwise.
    package mutating func connecting(isHopeful: Bool) { intake = isHopeful ? .holding([]) : .refusing }

    /// The connection is ready. Returns the commands that have waited for it, to be submitted now.
    package mutating func opened() -> [(RedisCommand, Completion)] {
        defer { intake = .sending }
        return if case .holding(let commands) = intake { commands } else { [] }
    }

    /// A command is handed in.
    /// - Parameter bufferedBytes: what the connection hasn't sent yet.
    package mutating func submitted(
        _ command: RedisCommand, _ completion: Completion, bufferedBytes: Int, at now: Duration
    ) -> Admission {
        switch intake {
        case .refusing:
            return .refused(RedisError(.unavailable, "Redis can't be reached at \(address) now"), completion)
        case .closed: return .refused(.closed, completion)
        case .holding(var commands):
            guard commands.count < countLimit else { return .refused(overload(commands.count), completion) }
            intake = .refusing
            commands.append((command, completion))
            intake = .holding(commands)
            return .held
        case .sending:
            let queued = bufferedBytes + outputBytes
            guard unanswered.count < countLimit, queued == 0 || queued + command.encoded.count <= byteLimit else {
                return .refused(overload(unanswered.count), completion)
            }
            return .queued(isFirst: send(command, completion, at: now))
        }
    }

    /// Sends a command of the connection's own, before those that wait and whatever the limits. Returns whether it's the
    /// first one of its turn.
    package mutating func send(_ command: RedisCommand, _ completion: Completion, at now: Duration) -> Bool {
        defer {
            unanswered.append((completion, now + timeout))
            output.append(command.encoded)
            outputBytes += command.encoded.count
        }
        return output.isEmpty
    }

    /// What is to be written, as one write.
    package mutating func takeOutput() -> [[UInt8]] {
        defer {
            output = []
            outputBytes = 0
        }
        return output
    }

    /// An answer has come. Returns the completion of its command; nil if none was sent.
    package mutating func answered() -> Completion? { unanswered.popFirst()?.completion }

    /// Whether an answer should have come before `now`.
    package func isOverdue(at now: Duration) -> Bool { unanswered.first.map { $0.deadline < now } ?? false }

    /// The connection or the attempt has ended. Returns the completions of the commands that have failed, in order.
    package mutating func lost() -> [Completion] { end(.refusing) }

    /// The owner has closed the connection for good. Returns the completions of the commands that have failed, in order.
    package mutating func closed() -> [Completion] { end(.closed) }

    private mutating func end(_ next: Intake) -> [Completion] {
        var failed = unanswered.removeAll().map(\.completion)
        if case .holding(let commands) = intake { failed += commands.map(\.1) }
        _ = takeOutput()
        intake = next
        return failed
    }

    private func overload(_ count: Int) -> RedisError {
        RedisError(.overloaded, "\(count) commands wait for Redis already; try again in a moment")
    }
}

extension RedisError {
    /// What commands fail with after `close`.
    static var closed: RedisError { RedisError(.closed, "the connection to Redis was closed") }
}
