import Bus
import Core
import EventLoop
import Foundation
import Redis
import Store
import Synchronization
import Testing
import TestSupport

struct RedisBusTests {
    /// Buses of one server, each with connections of its own.
    private struct Site {
        let server: RedisServer
        let group: EventLoopGroup
        var messageLimit = 1024 * 1024

        init() async throws {
            server = try await RedisServer()
            group = EventLoopGroup(count: 2)
        }

        func bus(
            key: [UInt8] = BusConformance.key, epoch: String = BusConformance.epoch
        ) async throws -> RedisBus {
            try await RedisBusTests.bus(server.url, group, key: key, epoch: epoch, messageLimit: messageLimit)
        }
    }

    static func bus(
        _ url: String, _ group: EventLoopGroup, key: [UInt8] = BusConformance.key,
        epoch: String = BusConformance.epoch, messageLimit: Int = 1024 * 1024
    ) async throws -> RedisBus {
        var configuration = RedisBus.Configuration(redis: try RedisConfiguration(url: url), key: key, epoch: epoch)
        configuration.redis.backoff = Backoff(base: .milliseconds(10), limit: .milliseconds(100))
        configuration.messageLimit = messageLimit
        return try await RedisBus(configuration, loop: group.next(), log: .none)
    }

    @Test func `a bus over Redis keeps the promises of a bus`() async throws {
        let site = try await Site()
        try await BusConformance.run { try await site.bus() }
        let stranger = try await site.bus(key: BusConformance.strangersKey)
        try await eventually("the stranger's connection") { stranger.isConnected }
        try await BusConformance.strangersAreNotBelieved(stranger) { try await site.bus() }
        let elsewhere = try await site.bus(epoch: BusConformance.otherEpoch)
        try await eventually("the other log's connection") { elsewhere.isConnected }
        try await BusConformance.eventsOfAnotherLogAreLeftToTheLog(elsewhere) { try await site.bus() }
        await site.group.shutdown()
    }

    @Test func `a bus over Redis survives the end of its server`() async throws {
        let site = try await Site()
        try await BusDisturbance(
            makeBus: { try await site.bus() }, kill: { site.server.kill() }, start: { try await site.server.start() }
        ).run()
        await site.group.shutdown()
    }

    @Test func `a cut subscription is made again and tells its subscribers to look into the log`() async throws {
        let site = try await Site()
        let (sender, bus) = (try await site.bus(), try await site.bus())
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        for round in 1...5 {
            try await eventually("the word to look into the log") { received.emptyBatches == round }
            try await eventually("the event") {
                _ = try? await sender.publish([BusConformance.event(Int64(round))])
                return received.numbers.contains(Int64(round))
            }
            try site.server.command("CLIENT", "KILL", "TYPE", "pubsub")
        }
        subscription.cancel()
        await site.group.shutdown()
    }

    @Test func `what is too long for a message is left to the log`() async throws {
        var site = try await Site()
        site.messageLimit = 300
        let (sender, bus) = (try await site.bus(), try await site.bus())
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await eventually("the subscription") { received.emptyBatches == 1 }
        let long = Event(number: 11, topic: "t", kind: "k", payload: String(repeating: "x", count: 400), time: 0)
        try await sender.publish((1...10).map(BusConformance.event) + [long] + (12...20).map(BusConformance.event))
        try await received.wait { $0.count >= 19 }
        #expect(received.numbers == Array(1...10) + Array(12...20))
        #expect(received.emptyBatches == 2)
        subscription.cancel()
        await site.group.shutdown()
    }

    @Test func `a stranger's message is counted, logged, and answered by a look into the log`() async throws {
        let site = try await Site()
        let bus = try await site.bus()
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await eventually("the subscription") { received.emptyBatches == 1 }
        for words in ["hello", "{}", #"[{"number":"1"}]"#, "[", ""] {
            let before = received.emptyBatches
            try site.server.command("PUBLISH", "tandem:events", words)
            try await eventually("the word to look into the log") { received.emptyBatches == before + 1 }
        }
        #expect(received.numbers == [])
        subscription.cancel()
        await site.group.shutdown()
    }

    @Test func `an event that was changed on its way is not believed, one that says more is`() async throws {
        let site = try await Site()
        let bus = try await site.bus()
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        let messages = Mutex<[String]>([])
        let tap = try await RedisSubscription(
            try RedisConfiguration(url: site.server.url), channel: "tandem:events", loop: site.group.next(), log: .none
        ) { happening in
            if case .message(let bytes) = happening {
                messages.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        try await eventually("the subscriptions") { received.emptyBatches == 1 && tap.isSubscribed }
        let event = Event(
            number: 5, topic: "guild/1", kind: "made", payload: "{}", time: 17, tag: 71, previousTag: 72)
        try await bus.publish([event])
        try await eventually("the event") { received.numbers == [5] && !messages.withLock { $0.isEmpty } }
        let sent = messages.withLock { $0[0] }
        let changes = [
            (":5", ":6"), (":17", ":18"), ("1\"", "2\""), ("made", "make"), ("{}", "{ }"),
            ("\"signature\"", "\"sign\""), (":71", ":70"), (":72", ":70"), ("0123", "1023"),
            ("\"epoch\"", "\"era\""),
        ]
        for (part, other) in changes {
            let changed = sent.replacingOccurrences(of: part, with: other)
            #expect(changed != sent)
            let before = received.emptyBatches
            try site.server.command("PUBLISH", "tandem:events", changed)
            try await eventually("the word to look into the log") { received.emptyBatches == before + 1 }
        }
        #expect(received.numbers == [5])
        // A newer version may say more about an event than this one knows.
        try site.server.command("PUBLISH", "tandem:events", "[{\"colour\":\"red\"," + sent.dropFirst(2))
        try await received.wait { $0 == [event, event] }
        subscription.cancel()
        await tap.close()
        await site.group.shutdown()
    }

    @Test func `another process hears and is heard`() async throws {
        let site = try await Site()
        let bus = try await site.bus()
        let received = Received()
        let subscription = bus.subscribe { received.record($0) }
        try await eventually("the subscription") { received.emptyBatches > 0 }
        let url = site.server.url
        async let other = #expect(processExitsWith: .success) { [url = url as String] in
            let group = EventLoopGroup(count: 1)
            try await echo(try await RedisBusTests.bus(url, group))
        }
        try await talk(bus, received)
        _ = await other
        subscription.cancel()
        await site.group.shutdown()
    }
}

/// In another process: answers each event, up to the twentieth, by one whose number is a thousand more.
func echo(_ bus: any Bus) async throws {
    let heard = Received()
    let subscription = bus.subscribe { heard.record($0) }
    // The first may be said several times.
    var answered: Set<Int64> = []
    while !answered.contains(20) {
        for number in heard.numbers where number < 1000 && answered.insert(number).inserted {
            try await bus.publish([BusConformance.event(number + 1000)])
        }
        try await Task.sleep(for: .milliseconds(2))
    }
    subscription.cancel()
}

/// Says twenty numbers to a process that echoes, each until it has answered.
func talk(_ bus: any Bus, _ received: Received) async throws {
    // It takes a while until the other process listens.
    try await eventually("the other process", within: .seconds(60)) {
        try await bus.publish([BusConformance.event(1)])
        try await Task.sleep(for: .milliseconds(50))
        return received.numbers.contains(1001)
    }
    for number in Int64(2)...20 {
        try await bus.publish([BusConformance.event(number)])
        try await eventually("the answer") { received.numbers.contains(number + 1000) }
    }
}
