import Core
import Synchronization

/// Lets the callers that need the same key follow one another before they take a connection, so that those who wait for one
/// busy thing leave the connections to the others.
final class KeyedQueues: Sendable {
    private struct Queue {
        let pool: Pool<Void>
        var users = 0
    }

    private let queues = Mutex<[Int64: Queue]>([:])
    private let waitingLimit: Int
    private let time: TimeSource

    /// - Parameter waitingLimit: one more than these is refused at once with `.busy`.
    init(waitingLimit: Int, time: TimeSource) {
        self.waitingLimit = waitingLimit
        self.time = time
    }

    /// Runs `body` once it is alone with each of `keys`, which every caller names in the same order.
    /// - Throws: what `body` throws, and as `Pool.take` does.
    func alone<R: Sendable>(with keys: some Collection<Int64>, _ body: () async throws -> R) async throws -> R {
        var held: [(key: Int64, pool: Pool<Void>)] = []
        defer {
            for (key, pool) in held.reversed() {
                pool.give(())
                leave(key)
            }
        }
        for key in keys {
            let pool = enter(key)
            do { try await pool.take() } catch {
                leave(key)
                throw error
            }
            held.append((key, pool))
        }
        return try await body()
    }

    /// Refuses with `.busy` the callers that have waited for longer than `limit`.
    func refuse(waitingLongerThan limit: Duration) {
        for queue in queues.withLock({ Array($0.values) }) where queue.users > 1 {
            queue.pool.refuse(waitingLongerThan: limit)
        }
    }

    private func enter(_ key: Int64) -> Pool<Void> {
        queues.withLock { queues in
            var queue = queues[key] ?? Queue(pool: Pool([()], waitingLimit: waitingLimit, time: time))
            queue.users += 1
            queues[key] = queue
            return queue.pool
        }
    }

    private func leave(_ key: Int64) {
        queues.withLock { queues in
            queues[key]?.users -= 1
            if queues[key]?.users == 0 { queues[key] = nil }
        }
    }
}
