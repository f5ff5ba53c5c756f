/// What several clients of one token may send together, in this process and in others: Discord's global limit counts them all.
package protocol RequestBudget: Sendable {
    /// Returns when one more request may be sent.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func take() async throws
}
