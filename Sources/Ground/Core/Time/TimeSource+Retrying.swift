extension TimeSource {
    /// Runs `attempt` until it succeeds, and returns its result.
    ///
    /// - Parameters:
    ///   - backoff: the pauses between attempts, from the first on.
    ///   - mayRetry: false for an error that another attempt would not mend; that error is thrown.
    ///   - failed: called with each error that is followed by a pause, and with that pause; the place to log it.
    /// - Throws: the error that `mayRetry` declined; `CancellationError` when the task is cancelled, before an attempt, during one
    ///   whose error could be retried, or during a pause.
    package func retrying<Result>(
        _ backoff: Backoff, failed: (any Error, Duration) -> Void = { _, _ in },
        while mayRetry: (any Error) -> Bool = { _ in true }, _ attempt: () async throws -> Result
    ) async throws -> Result {
        var backoff = backoff
        while true {
            try Task.checkCancellation()
            do {
                return try await attempt()
            } catch {
                guard mayRetry(error) else { throw error }
                try Task.checkCancellation()
                let pause = backoff.next()
                failed(error, pause)
                try await sleep(for: pause)
            }
        }
    }
}
