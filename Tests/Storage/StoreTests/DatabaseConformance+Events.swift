import Store
import Testing

extension DatabaseConformance {
    func eventsAreNumberedInCommitOrder() async throws {
        let database = try await open()
        let numbers = try await withThrowingTaskGroup { group in
            for number in 0..<60 {
                group.addTask { () -> [AppendedEvent] in
                    try await database.transaction(locking: []) { transaction in
                        try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(Int64(number))])
                        await Task.yield()
                        let draft = EventDraft(topic: "t/\(number)", kind: "k", payload: #"{"n":\#(number)}"#)
                        return [try await transaction.append(draft), try await transaction.append(draft)]
                    }
                }
            }
            return try await group.reduce(into: [Int64?]()) { $0 += $1.map(\.number) }
        }
        #expect(numbers.compactMap(\.self).sorted() == Array(1...120))
        #expect(try await database.settle() == 120)
        let log = try await DatabaseEventLog(database)
        #expect(try await log.lastNumber == 120)
        #expect(try await log.read(after: 0, limit: 1000).map(\.number) == Array(1...120))
        await database.close()
    }

    func theEventLogReadsBack() async throws {
        let database = try await open()
        let log = try await DatabaseEventLog(database)
        #expect(try await log.lastNumber == 0)
        #expect(try await log.oldestNumber == 1)
        #expect(try await log.read(after: 0, limit: 10).isEmpty)
        for number in 1...5 {
            let draft = EventDraft(topic: "t", kind: "k", payload: #"{"text":"🎲 \#(number)"}"#)
            #expect(try await log.append(draft) == Int64(number))
        }
        let events = try await log.read(after: 1, limit: 3)
        #expect(events.map(\.number) == [2, 3, 4])
        #expect(events[0].payload == #"{"text":"🎲 2"}"#)
        #expect(events[0].time > 1_600_000_000_000)
        #expect(Cursor(log.cursor(at: 4).description) == log.cursor(at: 4))
        #expect(try await DatabaseEventLog(database).epoch == log.epoch)
        await database.close()
    }

    private static let draft = EventDraft(topic: "t", kind: "k", payload: "{}")

    /// What an older copy of the database would hold: everything up to this number.
    private func setBack(_ database: any Database, to number: Int64) async throws {
        try await database.transaction { transaction in
            try await transaction.execute("DELETE FROM store_events WHERE number > $1", [.integer(number)])
            try await transaction.execute("UPDATE store_event_counter SET last_number = $1", [.integer(number)])
        }
    }

    func aLogThatIsSetBackIsNoticed() async throws {
        let database = try await open()
        let (log, listener, reader) = (
            try await DatabaseEventLog(database), try await DatabaseEventLog(database),
            try await DatabaseEventLog(database)
        )
        for _ in 1...5 { _ = try await log.append(Self.draft) }
        let events = try await log.read(after: 0, limit: 5)
        #expect(
            events.allSatisfy { $0.tag != nil } && events.dropFirst().map(\.previousTag) == events.dropLast().map(\.tag)
        )
        #expect(try await log.read(after: 2, limit: 1).map(\.previousTag) == [events[1].tag])
        #expect(try await log.lastPlace == events[4].place)
        #expect(try await reader.read(after: 0, limit: 2).count == 2)
        listener.witnessed(events[3].place)
        try await setBack(database, to: 3)
        // It's shorter than what was read of it, then as long, then longer.
        for _ in 4...7 {
            await #expect(throws: LogSetBack.self) { try await log.lastNumber }
            await #expect(throws: LogSetBack.self) { try await log.settledNumber }
            await #expect(throws: LogSetBack.self) { try await listener.lastNumber }
            _ = try? await log.append(Self.draft)
        }
        await #expect(throws: LogSetBack.self) { try await log.lastNumber }
        #expect(try await reader.lastNumber == 7)
        #expect(!events[3].place.isFollowed(by: try await reader.read(after: 4, limit: 1)[0]))
        // What retention has removed can't be compared.
        try await database.transaction { try await $0.execute("DELETE FROM store_events", []) }
        #expect(try await reader.lastNumber == 7)
        await database.close()
    }

    func aLogThatWasSetBackBecomesAnotherOnce() async throws {
        let database = try await open()
        let log = try await DatabaseEventLog(database)
        let calls = Sequence()
        for _ in 1...3 {
            try await database.beginNewLog(replacing: log.epoch) { transaction in
                _ = calls.next()
                try await transaction.execute("INSERT INTO things (id) VALUES ($1)", [.integer(1)])
            }
        }
        #expect(calls.next() == 2)
        await #expect(throws: LogSetBack.self) { try await log.lastNumber }
        let next = try await DatabaseEventLog(database)
        #expect(next.epoch != log.epoch)
        #expect(try await next.lastNumber == 0)
        // A copy from before the new log comes back: it would give out the first one's numbers again.
        try await database.transaction { transaction in
            try await transaction.execute("DELETE FROM store_meta WHERE name LIKE 'former%'", [])
            try await transaction.execute(
                "UPDATE store_meta SET value = $1 WHERE name = 'epoch'", [.text(log.epoch)])
        }
        await #expect(throws: LogSetBack.self) { try await next.lastNumber }
        for epoch in [next.epoch, log.epoch, next.epoch, log.epoch] {
            try await database.beginNewLog(replacing: epoch) { _ in _ = calls.next() }
        }
        #expect(calls.next() == 4)
        let third = try await DatabaseEventLog(database)
        #expect(![log.epoch, next.epoch].contains(third.epoch))
        await database.close()
    }

    func numbersAreFoundByTag() async throws {
        let database = try await open()
        let draft = EventDraft(topic: "t", kind: "k", payload: "{}")
        try await database.transaction(locking: []) { try await $0.append(draft) }
        let (position, events) = try await database.transaction(locking: []) { transaction in
            let position = try await transaction.lastEventNumber()
            return (position, [try await transaction.append(draft), try await transaction.append(draft)])
        }
        try await database.transaction(locking: []) { try await $0.append(draft) }
        #expect(position == 1 && events.map(\.number) == [2, 3])
        let tags = [events[1].tag, 0, events[0].tag]
        #expect(try await database.read { try await $0.numbers(of: tags, after: position) } == [3, nil, 2])
        #expect(try await database.read { try await $0.numbers(of: tags, after: 2) } == [3, nil, nil])
        await database.close()
    }
}
