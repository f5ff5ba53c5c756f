package import Store

/// Puts what comes over a bus into the one order without gaps or repetitions, asking the event log for what is missing.
///
/// A value without clock or I/O: hand it batches, do what it says. One fetch is under way at a time; answer each with
/// `fetched` or `fetchFailed`.
package struct EventSequencer: Sendable {
    /// What to do, in this order.
    package struct Actions: Sendable, Equatable {
        /// These events are gone for good, the log no longer has them: tell readers to start anew.
        package var lost: ClosedRange<Int64>?
        /// The next events, ready to be delivered.
        package var deliver: [Event] = []
        /// Read these numbers from the event log (as many as fit in one go) and answer.
        package var fetch: ClosedRange<Int64>?

        package init(lost: ClosedRange<Int64>? = nil, deliver: [Event] = [], fetch: ClosedRange<Int64>? = nil) {
            self.lost = lost
            self.deliver = deliver
            self.fetch = fetch
        }
    }

    /// The number of the newest event that was handed out (or declared lost).
    package private(set) var last: Int64
    /// Whether an answer from the log is awaited.
    package private(set) var isFetching = false

    /// Events that came too early, in order, no two the same.
    private var early: [Event] = []
    /// The greatest number known to exist.
    private var newest: Int64
    private let earlyLimit: Int

    /// - Parameters:
    ///   - last: the number after which to begin.
    ///   - earlyLimit: how many events are kept while waiting for the log; those beyond are read from it too.
    package init(after last: Int64, earlyLimit: Int = 1024) {
        precondition(last >= 0 && earlyLimit >= 0)
        self.last = last
        self.newest = last
        self.earlyLimit = earlyLimit
    }

    /// A batch from the bus, in any order, with anything missing or repeated. After an empty one (the bus may have lost
    /// something) look up the log's last number and hand it to `learned`.
    package mutating func received(_ events: [Event]) -> Actions {
        // The usual case: exactly what comes next, handed on as it is.
        if early.isEmpty, !isFetching, newest == last, follow(events) {
            last = events.last?.number ?? last
            newest = last
            return Actions(deliver: events)
        }
        for event in events { keep(event) }
        return proceed()
    }

    /// The log is known to reach up to `number`, for instance after the bus was interrupted.
    package mutating func learned(lastNumber number: Int64) -> Actions {
        newest = max(newest, number)
        return proceed()
    }

    /// The log's answer to `fetch`: events after `last`, in order, fewer than asked for where many are missing. When it
    /// brings nothing new, the next batch asks again, or `proceed` after a while.
    ///
    /// - Parameter oldest: the log's oldest number, asked for **after** the events were read.
    package mutating func fetched(_ events: [Event], oldest: Int64) -> Actions {
        isFetching = false
        var actions = Actions()
        var fetched: [Event] = []
        for event in events where event.number > (fetched.last?.number ?? last) {
            let next = (fetched.last?.number ?? last) + 1
            if event.number > next {
                // The log begins later than we need; between its events it has no gaps.
                guard fetched.isEmpty else { break }
                actions.lost = next...(event.number - 1)
            }
            fetched.append(event)
        }
        if let newest = fetched.last {
            last = newest.number
            self.newest = max(self.newest, last)
        } else if oldest > last + 1, newest > last {
            actions.lost = (last + 1)...(oldest - 1)
            last = oldest - 1
            newest = max(newest, last)
        }
        actions.deliver = fetched
        // An answer that brings nothing isn't asked for again at once: the log may lag behind the bus.
        guard !fetched.isEmpty || actions.lost != nil else { return actions }
        let rest = proceed()
        actions.deliver += rest.deliver
        actions.fetch = rest.fetch
        return actions
    }

    /// The log couldn't be read. Ask again after a while with `proceed`.
    package mutating func fetchFailed() { isFetching = false }

    /// Hands out what is ready, and asks for what is missing unless that's under way.
    package mutating func proceed() -> Actions {
        var actions = Actions()
        let stale = early.prefix { $0.number <= last }.count
        early.removeFirst(stale)
        var ready = 0
        while ready < early.count, early[ready].number == last + 1 {
            last += 1
            ready += 1
        }
        if ready > 0 {
            actions.deliver = Array(early[..<ready])
            early.removeFirst(ready)
        }
        newest = max(newest, last)
        if newest > last, !isFetching {
            isFetching = true
            actions.fetch = (last + 1)...((early.first?.number ?? newest + 1) - 1)
        }
        return actions
    }

    /// Whether `events` are the next ones, in order.
    private func follow(_ events: [Event]) -> Bool {
        var next = last + 1
        for event in events {
            guard event.number == next else { return false }
            next += 1
        }
        return true
    }

    private mutating func keep(_ event: Event) {
        guard event.number > last else { return }
        newest = max(newest, event.number)
        // Mostly it belongs at the end.
        var index = early.endIndex
        while index > 0, early[index - 1].number > event.number { index -= 1 }
        guard index == 0 || early[index - 1].number < event.number else { return }
        early.insert(event, at: index)
        // The latest make room: they're asked for once the gap before them is filled. One that comes next is never
        // dropped, or nothing would move.
        if early.count > max(earlyLimit, 1) { early.removeLast() }
    }
}
