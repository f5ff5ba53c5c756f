import Core
import Synchronization

/// What the hub has handed to a loop and the loop hasn't taken yet.
///
/// It's bounded: a loop that can't follow is handed no more until it has taken everything. Then it's told up to where it has
/// missed events, and its streams read them from the log.
final class Backlog: Sendable {
    private struct State {
        var bytes = 0
        /// The last event that was left out; nil while the loop follows.
        var missed: Int64?
    }

    /// What is to become of events.
    enum Outcome {
        case handOver
        case leaveOut
        /// Left out, as the first.
        case fellBehind
    }

    /// What an event takes besides its frames.
    private static let eventOverhead = 256

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    static func bytes(of events: [EncodedEvent]) -> Int {
        events.reduce(0) { $0 + $1.message.eventStreamFrame.count + eventOverhead }
    }

    /// How much waits for the loop.
    var bytes: Int { state.withLock { $0.bytes } }

    /// Counts events that are about to be handed over, the last of which is `number`. Callers take turns.
    func add(_ bytes: Int, upTo number: Int64) -> Outcome {
        state.withLock { state in
            // However large, what comes alone is handed over.
            guard state.missed == nil, state.bytes == 0 || state.bytes + bytes <= limit else {
                defer { state.missed = number }
                return state.missed == nil ? .fellBehind : .leaveOut
            }
            state.bytes += bytes
            return .handOver
        }
    }

    /// The loop has taken events.
    ///
    /// - Returns: up to where it has missed events, once it has taken all that it was handed.
    func remove(_ bytes: Int) -> Int64? {
        state.withLock { state in
            state.bytes -= bytes
            guard state.bytes == 0, let missed = state.missed else { return nil }
            state.missed = nil
            return missed
        }
    }
}
