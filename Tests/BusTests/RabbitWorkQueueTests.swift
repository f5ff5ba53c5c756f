import Bus
import Core
import Store
import Synchronization
import TestServers
import Testing

struct RabbitWorkQueueTests {
    struct Refusal: Error {}

    private func queue(
        _ server: RabbitServer, _ name: String, prefetch: Int = 16, limit: Int = 3,
        handle: @escaping @Sendable (Event) async throws -> Void
    ) throws -> RabbitWorkQueue {
        var configuration = RabbitWorkQueue.Configuration(
            rabbit: try RabbitBusTests.configuration(server.url), exchange: "events", queue: name,
            bindings: ["\(name).#", "both.#"])
        configuration.prefetch = prefetch
        configuration.redeliveryLimit = limit
        configuration.backoff = Backoff(base: .milliseconds(1), limit: .milliseconds(5))
        return RabbitWorkQueue(configuration, handle: handle)
    }

    private func event(_ number: Int64, _ kind: String) -> Event {
        Event(number: number, topic: "t", kind: kind, payload: "{}", time: 0)
    }

    @Test func `a work queue shares events, repeats those that failed, and gives up at last`() async throws {
        let server = try await RabbitServer()
        let bus = try RabbitBusTests.bus(server.url)
        try await wait(for: "the connection") { bus.isConnected }
        try await declare(server, bus)
        try await sharing(server, bus)
        try await failing(server, bus)
        try await dying(server, bus)
        bus.close()
    }

    /// RabbitMQ 3.10 writes the name of a new quorum queue to disk a while after it has said that it's there: one that is to
    /// survive kill -9 is made long before.
    private func declare(_ server: RabbitServer, _ bus: RabbitBus) async throws {
        let handled = Received()
        try await running(try queue(server, "dying") { handled.record([$0]) }) {
            try await wait(for: "the consumer") {
                try await bus.publish([self.event(1000, "dying.probe")])
                return !handled.all.isEmpty
            }
        }
    }

    /// Each event to one of several consumers; only those that are bound; repetitions passed over.
    private func sharing(_ server: RabbitServer, _ bus: RabbitBus) async throws {
        let (first, second) = (Received(), Received())
        let one = try queue(server, "shared", prefetch: 1) { first.record([$0]) }
        let two = try queue(server, "shared", prefetch: 1) { second.record([$0]) }
        try await running(one) {
            try await running(two) {
                // Until both are there.
                try await wait(for: "both consumers") {
                    try await bus.publish([self.event(.random(in: 10_000 ... .max), "shared.probe")])
                    return !first.all.isEmpty && !second.all.isEmpty
                }
                try await bus.publish((1...200).map { event($0, $0 % 2 == 0 ? "shared.even" : "both.odd") })
                try await bus.publish([event(300, "elsewhere.x")])
                func numbers() -> [Int64] { (first.numbers + second.numbers).filter { $0 < 10_000 }.sorted() }
                try await wait(for: "all events") { numbers().count >= 200 }
                #expect(numbers() == Array(1...200))
            }
            // Published again, as after a relay's crash: this process remembers what it has done.
            let again = first.numbers.filter { $0 < 10_000 }
            try await bus.publish(again.map { event($0, "shared.again") } + [event(9000, "shared.last")])
            try await wait(for: "the last") { first.numbers.contains(9000) }
            // What the other had not settled when it stopped may have come on top.
            let numbers = first.numbers
            #expect(numbers.count == Set(numbers).count && numbers.count > again.count)
        }
    }

    private func failing(_ server: RabbitServer, _ bus: RabbitBus) async throws {
        let attempts = Mutex<[Int64: Int]>([:])
        let handled = Received()
        let queue = try queue(server, "failing") { event in
            let attempt = attempts.withLock { attempts in
                attempts[event.number, default: 0] += 1
                return attempts[event.number]!
            }
            // One always fails, one at first.
            if event.number == 1 || event.number == 2 && attempt < 3 { throw Refusal() }
            handled.record([event])
        }
        try await running(queue) {
            try await wait(for: "the consumer") {
                try await bus.publish([self.event(100, "failing.probe")])
                return !handled.all.isEmpty
            }
            try await bus.publish([event(1, "failing.a"), event(2, "failing.b"), event(3, "failing.c")])
            try await wait(for: "the others") { Set(handled.numbers).isSuperset(of: [2, 3]) }
            try await wait(seconds: 30, for: "the end of the attempts") { attempts.withLock { $0[1] == 4 } }
        }
        #expect(attempts.withLock { $0[2] } == 3)
        try await wait(seconds: 60, for: "the dead letter") {
            try await server.control("list_queues", "name", "messages").contains("failing.dead\t1")
        }
    }

    /// What a consumer had not finished when the server died comes again.
    private func dying(_ server: RabbitServer, _ bus: RabbitBus) async throws {
        let handled = Received()
        let queue = try queue(server, "dying") { event in
            try await Task.sleep(for: .milliseconds(5))
            handled.record([event])
        }
        try await running(queue) {
            try await wait(for: "the consumer") {
                try await bus.publish([self.event(1000, "dying.probe")])
                return !handled.all.isEmpty
            }
            try await bus.publish((1...300).map { event($0, "dying.x") })
            try await wait(for: "some events") { handled.numbers.count > 50 }
            server.kill()
            try await server.start()
            try await wait(seconds: 60, for: "all events") { Set(handled.numbers).isSuperset(of: 1...300) }
        }
    }
}
