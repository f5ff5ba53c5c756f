import Synchronization

/// An event that a transaction has appended.
package final class AppendedEvent: Sendable {
    /// Identifies the event until it has a number, and afterwards tells it from the events of a restored log.
    package let tag: Int64
    private let assigned: Atomic<Int64>

    init(tag: Int64 = .random(in: 1 ... .max), number: Int64 = 0) {
        self.tag = tag
        assigned = Atomic(number)
    }

    /// The event's number, final once the transaction has committed. `nil` if the transaction is still open, or if it has
    /// committed but the database could not number the event within a second: it will be numbered and delivered later.
    package var number: Int64? {
        let number = assigned.load(ordering: .acquiring)
        return number > 0 ? number : nil
    }

    func assign(_ number: Int64) { assigned.store(number, ordering: .releasing) }
}
