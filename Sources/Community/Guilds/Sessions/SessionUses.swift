import Core
import Store
import Synchronization

/// Records that sessions are used, many with one write: those that come while one is being written go with the next, so that
/// ten thousand people who come back together cost a few writes.
final class SessionUses: Sendable {
    private typealias Waiting = CheckedContinuation<Turn, Never>

    private enum Turn {
        /// Nobody writes: write this session and those of these callers.
        case write([String: [Waiting]])
        /// Whether the session is there.
        case written(Result<Bool, any Error>)
    }

    private struct State {
        var waiting: [String: [Waiting]] = [:]
        var isWriting = false
    }

    private let database: any Database
    private let time: TimeSource
    private let state = Mutex(State())

    init(database: any Database, time: TimeSource) {
        self.database = database
        self.time = time
    }

    /// Extends the session of that id from now on. Returns false when it has ended.
    ///
    /// - Throws: `StoreError`.
    func record(_ id: String) async throws -> Bool {
        let turn = await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                if state.isWriting { state.waiting[id, default: []].append(continuation) }
                defer { state.isWriting = true }
                return !state.isWriting
            }
            if isFirst { continuation.resume(returning: .write([:])) }
        }
        switch turn {
        case .write(let others): return try await uncancelled { await self.write(id, others) }.get()
        case .written(let isThere): return try isThere.get()
        }
    }

    /// Writes this one and the others that wait; one of those that came meanwhile writes next. Returns whether this one is there.
    private func write(_ id: String, _ others: [String: [Waiting]]) async -> Result<Bool, any Error> {
        let found = await extend(Array(Set(others.keys).union([id])))
        for (id, waiting) in others {
            for each in waiting { each.resume(returning: .written(found.map { $0.contains(id) })) }
        }
        if var batch = next(), let (id, waiting) = batch.first, let writer = waiting.first {
            batch[id] = waiting.count > 1 ? Array(waiting.dropFirst()) : nil
            writer.resume(returning: .write(batch))
        }
        return found.map { $0.contains(id) }
    }

    private func next() -> [String: [Waiting]]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            var batch: [String: [Waiting]] = [:]
            for id in state.waiting.keys.prefix(ManyRows.limit) { batch[id] = state.waiting[id] }
            for id in batch.keys { state.waiting[id] = nil }
            return batch
        }
    }

    /// The sessions of these that are there.
    private func extend(_ ids: [String]) async -> Result<Set<String>, any Error> {
        let now = time.milliseconds
        do {
            return .success(
                try await database.transaction(locking: []) { transaction in
                    let rows = try await transaction.query(
                        ids.sorted().map { .text($0) }, [.integer(now), .integer(now + Sessions.idle.milliseconds)]
                    ) {
                        """
                        UPDATE sessions SET seen_at = $1,
                            expires_at = CASE WHEN ends_at < $2 THEN ends_at ELSE $2 END
                        WHERE id IN (\($0)) AND expires_at > $1 RETURNING id
                        """
                    }
                    return Set(try rows.map { try $0["id", as: String.self] })
                })
        } catch { return .failure(error) }
    }
}
