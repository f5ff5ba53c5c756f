import EventLoop

/// What a subscriber asks the hub for before it can go (back) to live, and the answer.
enum CatchUp {
    enum Question: Sendable {
        /// What the policy allows now, asked when the shard had come to this number.
        case access(to: Interest, asOf: Int64)
        /// What the event log holds of these topics after this number.
        case history(of: [String], after: Int64)
    }

    /// Handed to the hub, which asks the policy and the event log away from the loop.
    struct Request: Sendable {
        let subscriber: LoopBound<Subscriber>
        let principal: Principal
        let question: Question
    }

    enum Answer: Sendable {
        case access(Access, asOf: Int64)
        /// The next events of its topics.
        case history(History.Missed)
        /// The log doesn't reach back that far.
        case historyGone
        /// The policy or the log is unavailable.
        case unavailable
    }
}
