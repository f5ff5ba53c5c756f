import Core
import EventLoop
import Synchronization
import Testing
import TestSupport

struct StoppingTests {
    /// How far the test and the loops have come with one another.
    private final class Stages: Sendable {
        let accepted = Atomic<Int>(0)
        let isReceiving = Flag()
        let mayReceiveOn = Flag()
        let firstHasClosed = Flag()
        let secondIsClosing = Flag()
        let secondMayEnd = Flag()
    }

    /// Holds the first loop up where it receives, and the second where its connections close.
    private final class Holding: ConnectionHandler {
        private let stages: Stages
        init(_ stages: Stages) { self.stages = stages }

        func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
            stages.isReceiving.set()
            stages.mayReceiveOn.wait()
        }

        func closed(on connection: Connection, error: (any CodedError)?) {
            guard connection.loop.index == 1 else { return stages.firstHasClosed.set() }
            stages.secondIsClosing.set()
            stages.secondMayEnd.wait()
        }
    }

    @Test func `a connection that is accepted for a loop that has just ended is closed`() async throws {
        let (group, others) = (EventLoopGroup(count: 2), EventLoopGroup(count: 1))
        let stages = Stages()
        let isHeld = Flag()
        let mayAccept = Flag()
        defer { for flag in [mayAccept, stages.mayReceiveOn, stages.secondMayEnd] { flag.set() } }
        let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
            connection.handler = Holding(stages)
            stages.accepted.add(1, ordering: .relaxed)
        }
        // The loops get connections in turn.
        var clients: [LoopBound<Probe>] = []
        for _ in 0..<2 { clients.append(try await connect(to: listener.port, on: others.loops[0])) }
        try await eventually("one on each loop") { stages.accepted.load(ordering: .relaxed) == 2 }
        group.loops[0].execute {
            isHeld.set()
            mayAccept.wait()
        }
        try await eventually("the first loop is held up") { isHeld.isSet }
        try await clients[0].withValue { _ = $0.connection.write([1]) }
        for _ in 0..<2 { clients.append(try await connect(to: listener.port, on: others.loops[0])) }
        // It finds the byte and, in the same turn, two connections to accept.
        mayAccept.set()
        try await eventually("the byte has come") { stages.isReceiving.isSet }
        let stopping = Task { await group.shutdown() }
        try await eventually("the second loop ends") { stages.secondIsClosing.isSet }
        stages.mayReceiveOn.set()
        try await eventually("the first has accepted, then ended") { stages.firstHasClosed.isSet }
        stages.secondMayEnd.set()
        await stopping.value
        for client in clients {
            try await eventually("closed") { try await client.withValue { $0.closedCount == 1 } }
        }
        await others.shutdown()
    }

    @Test func `whoever waits when a listener closes is accepted, however many they are`() async throws {
        allowDescriptors(4096)
        let (group, others) = (EventLoopGroup(count: 1), EventLoopGroup(count: 1))
        let (isHeld, mayGoOn) = (Flag(), Flag())
        defer { mayGoOn.set() }
        let accepted = Counted()
        let listener = try await Listener.bind(host: "127.0.0.1", port: 0, group: group) { connection in
            accepted.increment()
            connection.close()
        }
        group.loops[0].execute {
            isHeld.set()
            mayGoOn.wait()
        }
        try await eventually("the loop is held up") { isHeld.isSet }
        var clients: [LoopBound<Probe>] = []
        for _ in 0..<600 { clients.append(try await connect(to: listener.port, on: others.loops[0])) }
        // Hands its work over in the other loop's turn.
        let closing = Task(executorPreference: others.loops[0].taskExecutor) { await listener.close() }
        try await others.loops[0].submit {}
        mayGoOn.set()
        await closing.value
        try await eventually("all are accepted") { accepted.count == clients.count }
        for client in clients {
            try await eventually("ended, not reset") {
                try await client.withValue { $0.closedCount == 1 && $0.hasEnded && $0.errorCode == nil }
            }
        }
        await others.shutdown()
        await group.shutdown()
    }

    @Test func `a call that blocks is left to itself when its loop stops`() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let (isCalled, mayEnd, hasEnded) = (Flag(), Flag(), Flag())
        defer { mayEnd.set() }
        let outcomes = Mutex<[String?]>([])
        loop.execute {
            BlockingCall.run(on: loop) {
                isCalled.set()
                mayEnd.wait()
                hasEnded.set()
                return "late"
            } done: { result in
                outcomes.withLock { $0.append(result) }
            }
        }
        try await eventually("it blocks") { isCalled.isSet }
        await group.shutdown()
        #expect(!hasEnded.isSet)
        #expect(outcomes.withLock { $0 } == [nil])
        mayEnd.set()
        try await eventually("it ends") { hasEnded.isSet }
        try await loop.submit {}
        #expect(outcomes.withLock { $0 } == [nil])
    }

    @Test func `calls beyond the helper threads wait for their turn`() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let mayEnd = Flag()
        defer { mayEnd.set() }
        let (begun, done) = (Counted(), Counted())
        loop.execute {
            for _ in 0..<100 {
                BlockingCall.run(on: loop) {
                    begun.increment()
                    mayEnd.wait()
                    return 7
                } done: { result in
                    if result == 7 { done.increment() }
                }
            }
        }
        try await eventually("some have begun") { begun.count > 4 }
        #expect(begun.count < 50)
        mayEnd.set()
        try await eventually("all are done") { done.count == 100 }
        await group.shutdown()
    }

    private final class Counted: Sendable {
        private let number = Atomic<Int>(0)
        var count: Int { number.load(ordering: .relaxed) }
        func increment() { number.add(1, ordering: .relaxed) }
    }
}
