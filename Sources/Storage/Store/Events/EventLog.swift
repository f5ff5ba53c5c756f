/// The recent events, in order, for readers that missed some. Throws `StoreError`.
package protocol EventLog: Sendable {
    /// Names this log in cursors.
    var epoch: String { get }

    /// The number of the newest event; 0 when there has been none. Throws `LogSetBack` when the log no longer holds what this
    /// process has read of it.
    var lastNumber: Int64 { get async throws }

    /// The same with the event that is there.
    var lastPlace: LogPlace { get async throws }

    /// The number of the newest event once everything committed before the call has its number: a reader that has read up to
    /// there has missed nothing. Throws as `lastNumber` does.
    var settledNumber: Int64 { get async throws }

    /// The number of the oldest event that can still be read, `lastNumber + 1` when there is none. A reader whose next
    /// event is older has lost some for good.
    var oldestNumber: Int64 { get async throws }

    /// Up to `limit` events with numbers greater than `number`, in order and without gaps. They begin at
    /// `oldestNumber` when the log no longer reaches back further: compare the first one's number.
    func read(after number: Int64, limit: Int) async throws -> [Event]

    /// The number of the latest event on each topic that begins with `prefix`, of the events after `number` up to `last`; `nil`
    /// when the log no longer reaches back to the first of these. Takes no more than the topics found, however many other
    /// events there are.
    func latest(underPrefix prefix: String, after number: Int64, through last: Int64) async throws -> [String: Int64]?

    /// Appends one event by itself, outside any transaction of the caller's, and returns its number.
    @discardableResult
    func append(_ draft: EventDraft) async throws -> Int64

    /// This process has learned of an event by other means than from the log.
    func witnessed(_ place: LogPlace)
}

extension EventLog {
    /// - Throws: what `read` throws.
    package func latest(
        underPrefix prefix: String, after number: Int64, through last: Int64
    ) async throws -> [String: Int64]? {
        var latest: [String: Int64] = [:]
        var position = number
        while position < last {
            let events = try await read(after: position, limit: 1000)
            guard events.first?.number == position + 1 else { return nil }
            for event in events where event.number <= last && event.topic.hasPrefix(prefix) {
                latest[event.topic] = event.number
            }
            position = events.last?.number ?? last
        }
        return latest
    }

    package var lastPlace: LogPlace { get async throws { LogPlace(number: try await lastNumber, tag: nil) } }

    package func witnessed(_ place: LogPlace) {}

    package func cursor(at number: Int64) -> Cursor { Cursor(epoch: epoch, number: number) }
}
