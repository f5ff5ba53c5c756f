/// Something long-lived. `run` works until its task is cancelled, then shuts down in order and returns.
package protocol Service: Sendable {
    /// A short name for the log.
    var name: String { get }
    /// Returns after cancellation.
    ///
    /// - Throws: what keeps the service from working. Throwing, or returning before cancellation, stops the whole program.
    func run() async throws
}
