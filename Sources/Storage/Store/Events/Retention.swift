import Core

/// How long events stay in the log. Readers that were away for longer have to start anew. Throws `StoreError`.
package struct Retention: Sendable {
    /// Events older than this are removed …
    package var age = Duration.seconds(7 * 86_400)
    /// … and the oldest beyond this many.
    package var count: Int64 = 500_000
    /// How many are removed in one transaction, so that writers need not wait for long.
    package var batch = 500

    package init() {}

    /// Removes the events that are too old or too many, oldest first.
    ///
    /// - Parameters:
    ///   - published: events beyond this number stay, whatever their age.
    ///   - now: in milliseconds since 1970.
    /// - Returns: how many events were removed.
    @discardableResult
    package func apply(to database: any Database, through published: Int64, now: Int64) async throws -> Int {
        precondition(batch > 0 && count >= 0 && age >= .zero)
        let expired = now - age.milliseconds
        var removed = 0
        while true {
            let (examined, deleted) = try await database.transaction(
                locking: [.exclusive("events", "retention")]
            ) { transaction in
                let last = try await transaction.query(EventTables.lastNumber).first?["last_number", as: Int64.self]
                let surplus = (last ?? 0) - count
                let oldest = try await transaction.query(
                    "SELECT number, time FROM store_events WHERE number <= $1 ORDER BY number LIMIT $2",
                    [.integer(published), .integer(Int64(batch))])
                var through: Int64?
                for row in oldest {
                    let number = try row["number", as: Int64.self]
                    guard try number <= surplus || row["time", as: Int64.self] < expired else { break }
                    through = number
                }
                guard let through else { return (oldest.count, 0) }
                return (
                    oldest.count,
                    try await transaction.execute("DELETE FROM store_events WHERE number <= $1", [.integer(through)])
                )
            }
            removed += deleted
            guard deleted == batch, examined == batch else { return removed }
        }
    }
}
