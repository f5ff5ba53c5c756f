/// What bodies have done one after the other in one SQLite transaction that is to be committed.
struct CommitBatch {
    /// How many bodies run before those that have ended need not wait for more.
    private static let limit = 256
    /// How long bodies join; beyond it, those that have ended wait for one more body at most.
    private static let duration = Duration.milliseconds(10)

    /// What those who wait for the commit wait for.
    let commit = PendingCommit()
    private let begun: Duration
    /// How many bodies have ended in it, whether with success or without.
    private(set) var ended = 0
    /// How many events they appended.
    private(set) var appended = 0

    /// - Parameter now: the time since an arbitrary origin.
    init(now: Duration) { begun = now }

    func isFull(now: Duration) -> Bool { ended >= Self.limit || now - begun >= Self.duration }

    mutating func bodyEnded(appended: Int) {
        ended += 1
        self.appended += appended
    }
}
