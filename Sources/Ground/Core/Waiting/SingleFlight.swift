import Synchronization

/// Lets one caller ask a question while others who want to know the same wait for its answer.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let waiting = Mutex<[Key: [CheckedContinuation<Value?, Never>]]>([:])

    package init() {}

    /// Returns the answer to this question, or to the one for `key` that was under way. When that one failed or was
    /// cancelled, this one is asked after all.
    ///
    /// - Throws: what `question` throws; `CancellationError` when the task was cancelled while it waited for another's answer.
    package func callAsFunction(_ key: Key, _ question: () async throws -> Value) async throws -> Value {
        while !begin(key) {
            let answer = await withCheckedContinuation { continuation in
                let isOver = waiting.withLock { waiting in
                    guard waiting[key] != nil else { return true }
                    waiting[key]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume(returning: nil) }
            }
            try Task.checkCancellation()
            if let answer { return answer }
        }
        var answer: Value?
        defer {
            let others = waiting.withLock { $0.removeValue(forKey: key) } ?? []
            for other in others { other.resume(returning: answer) }
        }
        let found = try await question()
        answer = found
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
