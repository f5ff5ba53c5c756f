import Synchronization

/// How many streams each principal has open, on all loops of the process together.
final class StreamCounts: Sendable {
    private let limit: Int
    private let counts = Mutex<[String: Int]>([:])

    /// - Parameter limit: the streams of one principal; 0: any number.
    init(limit: Int) { self.limit = limit }

    /// Whether the principal may open another one. Who has no name isn't counted.
    func hasRoom(for principal: String) -> Bool {
        guard limit > 0, !principal.isEmpty else { return true }
        return counts.withLock { $0[principal, default: 0] < limit }
    }

    /// Counts a stream that has been opened.
    ///
    /// - Returns: false when there were too many already, because others were opened at the same time.
    func add(_ principal: String) -> Bool {
        guard limit > 0, !principal.isEmpty else { return true }
        return counts.withLock { counts in
            counts[principal, default: 0] += 1
            return counts[principal, default: 0] <= limit
        }
    }

    func remove(_ principal: String) {
        guard limit > 0, !principal.isEmpty else { return }
        counts.withLock { counts in
            let left = counts[principal, default: 0] - 1
            counts[principal] = left > 0 ? left : nil
        }
    }
}
