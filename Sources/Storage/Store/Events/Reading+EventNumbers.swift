extension Reading {
    /// How far an event's number may be from the newest one's at its commit: more are never on their way at once.
    private static var reach: Int64 { 100_000 }

    /// The number of the newest event. What is appended from now on has a greater one.
    package func lastEventNumber() async throws -> Int64 {
        guard let row = try await query(EventTables.lastNumber).first else {
            throw StoreError.counterLost
        }
        return try row["last_number"]
    }

    /// The numbers of events that were appended earlier, by their tags: `nil` for each that has none yet, or that the log no
    /// longer holds.
    ///
    /// - Parameter number: that of the newest event before they were appended.
    package func numbers(of tags: [Int64], after number: Int64) async throws -> [Int64?] {
        let results = try await query(
            tags.map { EventTables.number(of: $0, after: number, through: number + Self.reach) })
        return try results.map { rows in try rows.first?["number", as: Int64.self] }
    }
}

extension StoreError {
    static var counterLost: StoreError {
        StoreError(.corrupt, "The event log has lost its counter; restore the database from a backup.")
    }
}
