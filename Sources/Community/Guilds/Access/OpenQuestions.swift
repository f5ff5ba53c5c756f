import Synchronization

/// Lets one caller ask about a person while others with the same question wait for its answer.
final class OpenQuestions<Answer: Sendable>: Sendable {
    private let waiting = Mutex<[UserID: [CheckedContinuation<Answer?, Never>]]>([:])

    /// The answer to this question, or to the one that was under way. When that one failed, or was given up, this one is
    /// asked after all.
    func ask(about user: UserID, _ question: () async throws -> Answer) async throws -> Answer {
        while !begin(user) {
            let answer = await withCheckedContinuation { continuation in
                let isOver = waiting.withLock { waiting in
                    guard waiting[user] != nil else { return true }
                    waiting[user]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume(returning: nil) }
            }
            try Task.checkCancellation()
            if let answer { return answer }
        }
        var answer: Answer?
        defer {
            let others = waiting.withLock { $0.removeValue(forKey: user) } ?? []
            for other in others { other.resume(returning: answer) }
        }
        let found = try await question()
        answer = found
        return found
    }

    private func begin(_ user: UserID) -> Bool {
        waiting.withLock { waiting in
            guard waiting[user] == nil else { return false }
            waiting[user] = []
            return true
        }
    }
}
