import Bus
import Store
import Testing
import TestSupport

/// What every bus with a server promises when that server goes and comes back.
struct BusDisturbance {
    let makeBus: @Sendable () async throws -> any Bus
    let kill: @Sendable () async throws -> Void
    let start: @Sendable () async throws -> Void

    func run() async throws {
        try await newSubscribersLookIntoTheLog()
        try await publishingWhileAwayFailsAtOnce()
        try await nothingIsMissedAcrossRestarts()
    }

    /// A subscriber may have missed what was published before its subscription counted.
    func newSubscribersLookIntoTheLog() async throws {
        let bus = try await makeBus()
        let told = Received()
        let first = bus.subscribe { told.record($0) }
        try await eventually("the first empty batch") { told.emptyBatches == 1 }
        let second = bus.subscribe { told.record($0) }
        try await eventually("the second subscriber's") { told.emptyBatches == 2 }
        first.cancel()
        second.cancel()
    }

    func publishingWhileAwayFailsAtOnce() async throws {
        let bus = try await makeBus()
        try await eventually("the connection") { (try? await bus.publish([BusConformance.event(1)])) != nil }
        try await kill()
        let start = ContinuousClock.now
        // One may have been under way; after that it's known.
        for _ in 0..<5 { await #expect(throws: (any Error).self) { try await bus.publish([BusConformance.event(2)]) } }
        #expect(ContinuousClock.now - start < .seconds(10))
        try await self.start()
        try await eventually("the return", within: .seconds(60)) {
            (try? await bus.publish([BusConformance.event(3)])) != nil
        }
    }

    /// A stream of events goes on while the server dies twice; a reader that follows the log whenever it's told ends up with
    /// everything.
    func nothingIsMissedAcrossRestarts() async throws {
        let (sender, bus) = (try await makeBus(), try await makeBus())
        let log = MemoryEventLog(capacity: 10_000)
        let reader = LogReader(log)
        let subscription = bus.subscribe { reader.receive($0) }
        try await eventually("the subscription", within: .seconds(60)) { reader.emptyBatches > 0 }
        let publishing = Task {
            var position: Int64 = 0
            while !Task.isCancelled {
                let batch = log.read(after: position, limit: 50)
                if let last = batch.last {
                    if (try? await sender.publish(batch)) == nil {
                        try? await Task.sleep(for: .milliseconds(10))
                    } else {
                        position = last.number
                    }
                } else {
                    try? await Task.sleep(for: .milliseconds(2))
                }
            }
        }
        let appending = Task {
            for number in 0..<1000 {
                try log.append(EventDraft(topic: "t", kind: "k", payload: #"{"n":\#(number)}"#))
                if number % 10 == 0 { try await Task.sleep(for: .milliseconds(5)) }
            }
        }
        for _ in 0..<2 {
            let (before, told) = (reader.last, reader.emptyBatches)
            try await eventually("events") { reader.last > before || reader.last == 1000 }
            try await kill()
            try await start()
            try await eventually("the word to look into the log", within: .seconds(60)) { reader.emptyBatches > told }
        }
        try await appending.value
        // What is published from here on is heard again: the subscription isn't deaf.
        try await eventually("the last event", within: .seconds(60)) { reader.last == 1000 }
        #expect(reader.numbers == Array(1...1000))
        publishing.cancel()
        await publishing.value
        subscription.cancel()
    }
}
