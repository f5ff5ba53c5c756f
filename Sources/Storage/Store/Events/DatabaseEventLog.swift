/// The event log in the database: every committed event, until retention removes it. Throws `StoreError`.
package struct DatabaseEventLog: EventLog {
    package let epoch: String
    private let database: any Database

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

    package var lastNumber: Int64 {
        get async throws {
            try await database.query(Statement(EventTables.lastNumber)).first?["last_number"] ?? 0
        }
    }

    package var settledNumber: Int64 { get async throws { try await database.settle() } }

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
        let statement = Statement(EventTables.after, [.integer(number), .integer(Int64(limit))])
        return try await database.query(statement).map(Event.init)
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
    init(_ row: Row) throws {
        self.init(
            number: try row["number"], topic: try row["topic"], kind: try row["kind"], payload: try row["payload"],
            time: try row["time"])
    }
}
