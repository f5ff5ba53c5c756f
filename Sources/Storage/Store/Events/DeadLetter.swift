/// An event that a reader of a log gave up, and why.
package struct DeadLetter: Sendable, Hashable {
    /// Who gave it up.
    package let consumer: String
    /// Which log the event's number belongs to.
    package let epoch: String
    package let event: Event
    /// What the last attempt failed with.
    package let error: String
    /// How often it was tried.
    package let attempts: Int

    package init(consumer: String, epoch: String, event: Event, error: String, attempts: Int) {
        self.consumer = consumer
        self.epoch = epoch
        self.event = event
        self.error = error
        self.attempts = attempts
    }
}

extension DeadLetter {
    init(_ row: Row) throws {
        self.init(
            consumer: try row["consumer"], epoch: try row["epoch"], event: try Event(row), error: try row["error"],
            attempts: try row["attempts", as: Int.self])
    }
}
