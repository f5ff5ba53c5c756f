import Synchronization

/// Lets one caller ask about a person while others with the same question wait for its answer.
final class OpenQuestions: Sendable {
    private let waiting = Mutex<[UserID: [CheckedContinuation<Bool, Never>]]>([:])

    /// Whether there was an answer: to this question, or to the one that was under way.
    func ask(about user: UserID, _ question: () async throws -> Bool) async throws -> Bool {
        guard begin(user) else {
            let isAnswered = await withCheckedContinuation { continuation in
                let isOver = waiting.withLock { waiting in
                    guard waiting[user] != nil else { return true }
                    waiting[user]?.append(continuation)
                    return false
                }
                // It ended between the two looks: what it came to is known by now.
                if isOver { continuation.resume(returning: false) }
            }
            try Task.checkCancellation()
            return isAnswered
        }
        var isAnswered = false
        defer {
            let others = waiting.withLock { $0.removeValue(forKey: user) } ?? []
            for other in others { other.resume(returning: isAnswered) }
        }
        isAnswered = try await question()
        return isAnswered
    }

    private func begin(_ user: UserID) -> Bool {
        waiting.withLock { waiting in
            guard waiting[user] == nil else { return false }
            waiting[user] = []
            return true
        }
    }
}
