package import Store

/// Decides which events the hub hands to its shards next, so that each number is handed on once and in order, and when the
/// event log must be read for what the bus left out.
package struct EventOrder: Sendable {
    /// The last event that was handed to the shards.
    package private(set) var place: LogPlace
    var position: Int64 { place.number }
    /// The highest number known to be in the log.
    private var announced: Int64
    private var isReading = false
    /// The bus announced more while the log was being read: that reading may have come too early to include it.
    private var readsAgain = false

    package init(at place: LogPlace) {
        self.place = place
        announced = place.number
    }

    /// Takes events as they come from the bus: in any order, with repetitions and gaps. An empty batch says that the log may
    /// hold more. An event with the next number that followed another one than the last was numbered in a log that was set back:
    /// the log decides.
    /// - Returns: the events that are handed on now, and whether the log is to be read: the caller starts that, and ends it
    ///   when `read` says so.
    package mutating func received(_ events: [Event]) -> (next: [Event], readsLog: Bool) {
        var next: [Event] = []
        for event in events {
            announced = max(announced, event.number)
            if place.isFollowed(by: event) {
                next.append(event)
                place = event.place
            }
        }
        guard events.isEmpty || announced > position else { return (next, false) }
        guard !isReading else {
            if events.isEmpty { readsAgain = true }
            return (next, false)
        }
        isReading = true
        return (next, true)
    }

    /// A look at the log begins: what is announced from here on may be missing in it.
    mutating func lookBegan() { readsAgain = false }

    /// - Returns: the number after which events are to be read.
    mutating func logEnds(at last: Int64) -> Int64 {
        announced = max(announced, last)
        return position
    }

    /// Takes the next events of the log. A number that the log no longer has can't be waited for: the order continues behind
    /// it.
    /// - Returns: the events that are handed on now, and whether reading is done.
    package mutating func read(_ events: [Event]) -> (next: ArraySlice<Event>, isDone: Bool) {
        let next = events.drop { $0.number <= position }
        if let first = next.first, first.number == position + 1, !place.isFollowed(by: first) { return ([], false) }
        if let last = next.last { place = last.place }
        guard !readsAgain, events.isEmpty || position >= announced else { return (next, false) }
        isReading = false
        announced = position
        return (next, true)
    }

    /// Reading was given up; the next batch may start it again.
    mutating func readingStopped() { isReading = false }
}
