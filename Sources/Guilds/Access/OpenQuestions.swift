import Synchronization

/// Lets one caller ask about a person while others with the same question wait for it.
final class OpenQuestions: Sendable {
    private let waiting = Mutex<[UserID: [CheckedContinuation<Void, Never>]]>([:])

    /// What `question` answers; or `true`, once somebody else's question about `user` has been answered, however it was:
    /// what is known then is what there is to know.
    func ask(about user: UserID, _ question: () async throws -> Bool) async throws -> Bool {
        guard begin(user) else {
            await withCheckedContinuation { continuation in
                let isOver = waiting.withLock { waiting in
                    guard waiting[user] != nil else { return true }
                    waiting[user]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
            return true
        }
        defer {
            let others = waiting.withLock { $0.removeValue(forKey: user) } ?? []
            for other in others { other.resume() }
        }
        return try await question()
    }

    private func begin(_ user: UserID) -> Bool {
        waiting.withLock { waiting in
            guard waiting[user] == nil else { return false }
            waiting[user] = []
            return true
        }
    }
}
