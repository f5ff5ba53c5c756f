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
