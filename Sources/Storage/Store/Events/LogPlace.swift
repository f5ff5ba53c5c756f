/// A place in a log, known by the event there and not by its number alone: numbers begin again from where a log was set back to.
package struct LogPlace: Sendable, Hashable {
    /// Nothing has been read.
    package static let beginning = LogPlace(number: 0, tag: nil)

    package let number: Int64
    /// The event's tag; nil if that isn't known.
    package let tag: Int64?

    package init(number: Int64, tag: Int64?) {
        self.number = number
        self.tag = tag
    }

    /// Whether `event` comes right after this place. Tags that aren't known count as right.
    package func isFollowed(by event: Event) -> Bool {
        guard event.number == number + 1 else { return false }
        guard let tag, let previous = event.previousTag else { return true }
        return tag == previous
    }
}
