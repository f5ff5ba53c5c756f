/// The error for work that was cancelled because its time was over.
package struct TimedOut: CodedError, Equatable {
    /// How long the work was given.
    package let limit: Duration

    package var code: String { "timed_out" }
    package var message: String { "It took longer than \(limit)." }
    package var isTemporary: Bool { true }

    package init(limit: Duration) { self.limit = limit }
}

extension TimeSource {
    /// Runs `body` and returns its result; cancels it after `limit` and waits for its end, so `body` must heed its cancellation.
    ///
    /// - Throws: what `body` throws; `TimedOut` when its time was over; `CancellationError` when the caller was cancelled.
    package func withTimeout<Result: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let deadline = now + limit
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await sleep(until: deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else { throw TimedOut(limit: limit) }
            return result
        }
    }

    /// Runs `body` and returns its result; after `limit`, or when the caller is cancelled, cancels it and returns nil at once.
    ///
    /// A body that ignores its cancellation goes on by itself: bound how often this is called.
    package func abandoning<Result: Sendable>(
        after limit: Duration, _ body: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let deadline = now + limit
        let (results, outcome) = AsyncStream.makeStream(of: Result.self)
        let work = Task {
            outcome.yield(await body())
            outcome.finish()
        }
        let timer = Task {
            try? await sleep(until: deadline)
            outcome.finish()
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        for await result in results { return result }
        return nil
    }
}
