/// The recent events, in order, for readers that missed some. Throws `StoreError`.
package protocol EventLog: Sendable {
    /// Names this log in cursors.
    var epoch: String { get }

    /// The number of the newest event; 0 when there has been none.
    var lastNumber: Int64 { get async throws }

    /// The number of the newest event once everything committed before the call has its number: a reader that has read up to
    /// there has missed nothing.
    var settledNumber: Int64 { get async throws }

    /// The number of the oldest event that can still be read, `lastNumber + 1` when there is none. A reader whose next
    /// event is older has lost some for good.
    var oldestNumber: Int64 { get async throws }

    /// Up to `limit` events with numbers greater than `number`, in order and without gaps. They begin at
    /// `oldestNumber` when the log no longer reaches back further: compare the first one's number.
    func read(after number: Int64, limit: Int) async throws -> [Event]

    /// Appends one event by itself, outside any transaction of the caller's, and returns its number.
    @discardableResult
    func append(_ draft: EventDraft) async throws -> Int64
}

extension EventLog {
    package func cursor(at number: Int64) -> Cursor { Cursor(epoch: epoch, number: number) }
}
