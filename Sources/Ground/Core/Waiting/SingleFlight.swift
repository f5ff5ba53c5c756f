import Synchronization

/// Runs one operation per key at a time; concurrent callers share its result.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let waiting = Mutex<[Key: [CheckedContinuation<Value?, Never>]]>([:])

    package init() {}

    /// Returns the result of `operation`, or of the one for `key` that is under way already. When that one fails or is
    /// cancelled, this caller's operation runs after all. A caller that waits for another's result doesn't end with its task.
    ///
    /// - Throws: what `operation` throws; `CancellationError` when the task was cancelled while it waited for another's result.
    package func callAsFunction(_ key: Key, _ operation: () async throws -> Value) async throws -> Value {
        while !begin(key) {
            let result = await withCheckedContinuation { continuation in
                let isOver = waiting.withLock { waiting in
                    guard waiting[key] != nil else { return true }
                    waiting[key]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume(returning: nil) }
            }
            try Task.checkCancellation()
            if let result { return result }
        }
        var result: Value?
        defer {
            let others = waiting.withLock { $0.removeValue(forKey: key) } ?? []
            for other in others { other.resume(returning: result) }
        }
        let found = try await operation()
        result = found
        return found
    }

    private func begin(_ key: Key) -> Bool {
        waiting.withLock { waiting in
            guard waiting[key] == nil else { return false }
            waiting[key] = []
            return true
        }
    }
}
