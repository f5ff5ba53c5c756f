import Core
import Synchronization

/// The memory that a server sets aside for the bodies of requests, over all connections.
///
/// What a body has up to `smallBody` bytes is free, so that uploads of others never cost an ordinary request its answer.
final class BodyBudget: Sendable {
    private static let smallBody = 4096

    private let limit: Int
    private let taken = Atomic<Int>(0)
    private let refused: Counter

    init(limit: Int, metrics: Metrics) {
        self.limit = limit
        refused = metrics.counter(
            "http_bodies_refused_total", help: "Requests answered 503 because the bodies of others take all the memory."
        )
        metrics.gauge("http_body_bytes", help: "Memory that long bodies of requests take.") { [weak self] in
            self?.taken.load(ordering: .relaxed) ?? 0
        }
    }

    /// Changes what one body takes.
    ///
    /// - Parameters:
    ///   - share: what the body has taken so far; 0 at first. Changed if there is room.
    ///   - bytes: how much there is of the body now; 0 when it's gone.
    /// - Returns: whether there is room for it.
    func change(_ share: inout Int32, to bytes: Int) -> Bool {
        let wanted = Int32(clamping: max(0, bytes - Self.smallBody))
        guard wanted != share else { return true }
        let more = Int(wanted - share)
        if taken.add(more, ordering: .relaxed).newValue > limit, more > 0 {
            taken.subtract(more, ordering: .relaxed)
            refused.increment()
            return false
        }
        share = wanted
        return true
    }
}
