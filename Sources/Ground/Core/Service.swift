/// Something long-lived. `run` works until its task is cancelled, then puts its affairs in order and returns.
package protocol Service: Sendable {
    /// A short name for the log.
    var name: String { get }
    /// Returns after cancellation; throwing, or returning before, stops the whole program.
    func run() async throws
}
