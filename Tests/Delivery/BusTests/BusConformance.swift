import Bus
import Store
import Testing
import TestSupport

/// What every bus promises, checked against a real one: each backend's tests run all of it.
///
/// A bus between processes may need a moment until a subscription counts, so each check first publishes until the
/// subscriber hears it.
struct BusConformance {
    /// Connects to the same bus again: two of them carry events from one to the other. A bus within one process returns
    /// the same object.
    let makeBus: @Sendable () async throws -> any Bus

    static func run(_ makeBus: @escaping @Sendable () async throws -> any Bus) async throws {
        let conformance = BusConformance(makeBus: makeBus)
        try await conformance.batchesArriveInOrder()
        try await everySubscriberGetsEverything(conformance)
        try await conformance.fieldsArriveAsTheyWere()
        try await conformance.aCancelledSubscriptionIsSilent()
        try await conformance.aReleasedSubscriptionIsSilent()
        try await conformance.subscribersCanCancelFromWithin()
        try await conformance.concurrentBatchesAreNotMixed()
    }

    func batchesArriveInOrder() async throws {
        let (sender, received, subscription) = try await connected()
        for start in stride(from: Int64(1), through: 1000, by: 10) {
            try await sender.publish((start..<start + 10).map(Self.event))
        }
        try await received.wait { $0.count >= 1000 }
        #expect(received.numbers == Array(1...1000))
        subscription.cancel()
    }

    static func everySubscriberGetsEverything(_ conformance: BusConformance) async throws {
        let (sender, first, firstSubscription) = try await conformance.connected()
        let (other, second, secondSubscription) = try await conformance.connected()
        let before = first.numbers.count
        try await sender.publish((1...50).map(Self.event))
        try await first.wait { $0.count >= before + 50 }
        try await second.wait { $0.count >= 50 }
        try await other.publish((51...100).map(Self.event))
        try await first.wait { $0.count >= before + 100 }
        try await second.wait { $0.count >= 100 }
        #expect(first.numbers.suffix(100) == Array(1...100)[...])
        #expect(second.numbers == Array(1...100))
        firstSubscription.cancel()
        secondSubscription.cancel()
    }

    func fieldsArriveAsTheyWere() async throws {
        let (sender, received, subscription) = try await connected()
        let event = Event(
            number: .max, topic: "a/b c\"\\", kind: "naïve 🎲", payload: "{\"text\":\"line\\n\\u0000\",\"n\":1}",
            time: 1_234_567_890_123)
        let large = Event(
            number: 7, topic: "t", kind: "k", payload: #"{"a":"\#(String(repeating: "x", count: 200_000))"}"#, time: 0)
        try await sender.publish([event, large])
        try await received.wait { $0.count >= 2 }
        #expect(received.events == [event, large])
        subscription.cancel()
    }

    func aCancelledSubscriptionIsSilent() async throws {
        let (sender, cancelled, subscription) = try await connected()
        let (_, other, otherSubscription) = try await connected()
        subscription.cancel()
        subscription.cancel()
        let before = cancelled.numbers
        try await sender.publish([Self.event(1)])
        try await other.wait { $0.count >= 1 }
        #expect(cancelled.numbers == before)
        otherSubscription.cancel()
    }

    func aReleasedSubscriptionIsSilent() async throws {
        let bus = try await makeBus()
        let released = Received()
        do {
            let subscription = bus.subscribe { released.record($0) }
            try await Self.establish(bus, released)
            withExtendedLifetime(subscription) {}
        }
        let before = released.all.count
        let (sender, other, subscription) = try await connected()
        try await sender.publish([Self.event(1)])
        try await other.wait { $0.count >= 1 }
        #expect(released.all.count == before)
        subscription.cancel()
    }

    func subscribersCanCancelFromWithin() async throws {
        let bus = try await makeBus()
        let received = Received()
        let held = Held()
        held.hold(
            bus.subscribe { events in
                received.record(events)
                if events.contains(where: { $0.kind == "last" }) { held.release() }
            })
        try await Self.establish(bus, received)
        try await bus.publish([Event(number: 1, topic: "t", kind: "last", payload: "{}", time: 0)])
        try await received.wait { $0.count >= 1 }
        let (sender, other, subscription) = try await connected()
        try await sender.publish([Self.event(2)])
        try await other.wait { $0.count >= 1 }
        #expect(received.numbers == [1])
        subscription.cancel()
    }

    func concurrentBatchesAreNotMixed() async throws {
        let (sender, first, firstSubscription) = try await connected()
        let (_, second, secondSubscription) = try await connected()
        try await withThrowingTaskGroup { group in
            for start in stride(from: Int64(0), to: 1000, by: 10) {
                group.addTask { try await sender.publish((start..<start + 10).map(Self.event)) }
            }
            try await group.waitForAll()
        }
        try await first.wait { $0.count >= 1000 }
        try await second.wait { $0.count >= 1000 }
        for received in [first, second] {
            let numbers = received.numbers
            #expect(numbers.sorted() == Array(0..<1000))
            for start in stride(from: 0, to: 1000, by: 10) {
                #expect(numbers[start..<start + 10].elementsEqual(numbers[start]..<numbers[start] + 10))
            }
        }
        #expect(first.numbers == second.numbers)
        firstSubscription.cancel()
        secondSubscription.cancel()
    }

    /// For buses between processes: who can write to one, and doesn't know the system's secret, can't make up events.
    static func strangersAreNotBelieved(
        _ stranger: any Bus, _ makeBus: @escaping @Sendable () async throws -> any Bus
    ) async throws {
        let (sender, received, subscription) = try await BusConformance(makeBus: makeBus).connected()
        let before = received.emptyBatches
        try await stranger.publish([Self.event(1)])
        try await eventually { received.emptyBatches > before }
        try await sender.publish([Self.event(2)])
        try await received.wait { !$0.isEmpty }
        #expect(received.numbers == [2])
        subscription.cancel()
    }

    /// For buses between processes: numbers of another log say nothing about this one.
    static func eventsOfAnotherLogAreLeftToTheLog(
        _ elsewhere: any Bus, _ makeBus: @escaping @Sendable () async throws -> any Bus
    ) async throws {
        let (sender, received, subscription) = try await BusConformance(makeBus: makeBus).connected()
        let before = received.emptyBatches
        try await elsewhere.publish([Self.event(1)])
        try await eventually { received.emptyBatches > before }
        try await sender.publish([Self.event(2)])
        try await received.wait { !$0.isEmpty }
        #expect(received.numbers == [2])
        subscription.cancel()
    }

    // MARK: Scaffolding

    static let epoch = "0123456789abcdef"
    static let otherEpoch = "fedcba9876543210"
    static let key = [UInt8](repeating: 1, count: 32)
    static let strangersKey = [UInt8](repeating: 2, count: 32)

    static func event(_ number: Int64) -> Event {
        Event(number: number, topic: "t/\(number % 3)", kind: "k", payload: #"{"n":\#(number)}"#, time: number)
    }

    /// A bus, and a subscriber on another connection that has been heard to work.
    private func connected() async throws -> (any Bus, Received, BusSubscription) {
        let (sender, bus) = (try await makeBus(), try await makeBus())
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await Self.establish(sender, received)
        return (sender, received, subscription)
    }

    private static func establish(_ bus: any Bus, _ received: Received) async throws {
        try await eventually {
            try await bus.publish([Event(number: 0, topic: "t", kind: Received.probe, payload: "{}", time: 0)])
            return !received.all.isEmpty
        }
    }
}
