/// Keeps the batches of messages that the server has yet to confirm, each with a token and a deadline.
struct ConfirmTracker<Token> {
    private struct Batch {
        let token: Token
        let deadline: Duration
        var missing: Set<UInt64>
        var isRefused = false
    }

    private var batches: [Batch] = []
    private var last: UInt64 = 0

    var count: Int { batches.count }

    /// When the oldest batch is overdue, on the clock of the deadlines that were given.
    var deadline: Duration? { batches.first?.deadline }

    /// The next `messages` messages of the channel have been sent.
    mutating func published(_ messages: Int, deadline: Duration, token: Token) {
        precondition(messages > 0)
        batches.append(Batch(token: token, deadline: deadline, missing: Set((last + 1)...(last + UInt64(messages)))))
        last += UInt64(messages)
    }

    /// - Returns: the batches of which everything is settled now, and whether any of it was refused.
    mutating func settled(tag: UInt64, multiple: Bool, refused: Bool) -> [(token: Token, isRefused: Bool)] {
        for index in batches.indices {
            let before = batches[index].missing.count
            if multiple {
                // Zero stands for everything.
                batches[index].missing = tag == 0 ? [] : batches[index].missing.filter { $0 > tag }
            } else {
                batches[index].missing.remove(tag)
            }
            if refused, batches[index].missing.count < before { batches[index].isRefused = true }
        }
        let done = batches.filter { $0.missing.isEmpty }.map { (token: $0.token, isRefused: $0.isRefused) }
        if !done.isEmpty { batches.removeAll { $0.missing.isEmpty } }
        return done
    }

    /// The channel has been lost: numbers begin at one again.
    /// - Returns: the tokens of the batches that were not confirmed.
    mutating func removeAll() -> [Token] {
        defer { self = ConfirmTracker() }
        return batches.map(\.token)
    }
}
