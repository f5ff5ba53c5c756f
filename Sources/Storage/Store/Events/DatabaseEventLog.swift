import Synchronization

/// The event log in the database: every committed event, until retention removes it. Throws `StoreError`, and `LogSetBack` as
/// `EventLog` says.
///
/// Each look at the log's end verifies, in the same query, that the events are still there that earlier looks have found, and
/// the one that was witnessed last. Of the two, neither stands for the other: what a process hears of may lag behind what it has
/// read.
package final class DatabaseEventLog: EventLog {
    private struct Known {
        var read = LogPlace.beginning
        var witnessed = LogPlace.beginning
    }

    package let epoch: String
    private let database: any Database
    private let known = Mutex(Known())

    /// - Throws: `StoreError` of kind `.invalidStatement` when the database hasn't been migrated.
    package init(_ database: any Database) async throws {
        let rows = try await database.read { reader in
            try await reader.query("SELECT value FROM store_meta WHERE name = 'epoch'")
        }
        guard let epoch = try rows.first?["value", as: String.self], Cursor("\(epoch)-0") != nil else {
            throw StoreError(.corrupt, "The event log has no epoch; restore the database from a backup.")
        }
        self.epoch = epoch
        self.database = database
    }

    package var lastNumber: Int64 { get async throws { try await lastPlace.number } }

    package var lastPlace: LogPlace {
        get async throws {
            let known = known.withLock { $0 }
            let rows = try await database.query(
                EventTables.end(comparing: known.read.number, known.witnessed.number))
            guard let row = rows.first else { throw StoreError.counterLost }
            let end = LogPlace(number: try row["last_number"], tag: try row["last_tag"])
            guard try row["epoch", as: String?.self] == epoch,
                Self.holds(known.read, tag: try row["first_tag"], end: end),
                Self.holds(known.witnessed, tag: try row["second_tag"], end: end)
            else { throw LogSetBack(epoch: epoch) }
            self.known.withLock { if $0.read.number < end.number { $0.read = end } }
            return end
        }
    }

    /// - Parameter tag: of the event that is at the place now; nil if retention has removed it.
    private static func holds(_ place: LogPlace, tag: Int64?, end: LogPlace) -> Bool {
        guard place.number <= end.number else { return false }
        guard let known = place.tag, let tag else { return true }
        return known == tag
    }

    package var settledNumber: Int64 {
        get async throws {
            _ = try await database.settle()
            return try await lastNumber
        }
    }

    package func witnessed(_ place: LogPlace) { known.withLock { $0.witnessed = place } }

    package var oldestNumber: Int64 {
        get async throws {
            try await database.read { reader in
                let oldest = try await reader.query(EventTables.oldestNumber).first?["number", as: Int64?.self]
                if let oldest { return oldest }
                let last = try await reader.query(EventTables.lastNumber).first?["last_number", as: Int64.self]
                return (last ?? 0) + 1
            }
        }
    }

    package func read(after number: Int64, limit: Int) async throws -> [Event] {
        precondition(limit > 0)
        let rows = try await database.query(
            Statement(EventTables.from, [.integer(number), .integer(Int64(limit) + 1)]))
        var previous: Int64?
        var events: [Event] = []
        for row in rows {
            let event = try Event(row, tag: row["tag"], previousTag: previous)
            previous = event.tag
            if event.number > number, events.count < limit { events.append(event) }
        }
        return events
    }

    package func latest(
        underPrefix prefix: String, after number: Int64, through last: Int64
    ) async throws -> [String: Int64]? {
        try await database.read { reader -> [String: Int64]? in
            let oldest = try await reader.query(EventTables.oldestNumber).first?["number", as: Int64?.self]
            guard last <= number || oldest.map({ $0 <= number + 1 }) == true else { return nil }
            let rows = try await reader.query(
                EventTables.latest, [.integer(number), .integer(last), .text(prefix)])
            var latest: [String: Int64] = [:]
            for row in rows { latest[try row["topic", as: String.self]] = try row["number"] }
            return latest
        }
    }

    package func append(_ draft: EventDraft) async throws -> Int64 {
        let event = try await database.transaction(locking: []) { try await $0.append(draft) }
        guard let number = event.number else {
            throw StoreError(.unavailable, "The event was committed, but could not be numbered yet.")
        }
        return number
    }
}

extension Event {
    init(_ row: Row, tag: Int64? = nil, previousTag: Int64? = nil) throws {
        self.init(
            number: try row["number"], topic: try row["topic"], kind: try row["kind"], payload: try row["payload"],
            time: try row["time"], tag: tag, previousTag: previousTag)
    }
}
