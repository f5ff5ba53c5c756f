import EventLoop
import Testing
import TestSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct EventLoopTests {
    @Test func `work runs on the loop in the order in which it was handed over`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            #expect(!loop.isCurrent)
            let collector = try await Collector<Int>(on: loop)
            for number in 0..<1000 {
                loop.execute {
                    precondition(loop.isCurrent)
                    collector.add(number)
                }
            }
            try await eventually("all work has run") { try await collector.all.count == 1000 }
            #expect(try await collector.all == Array(0..<1000))
        }
    }

    @Test func `what throws on the loop throws at the caller`() async throws {
        struct Fault: Error {}
        try await withGroup(1) { group in
            await #expect(throws: Fault.self) { try await group.loops[0].submit { throw Fault() } }
        }
    }

    @Test func `an actor and a task can live on a loop`() async throws {
        actor Resident {
            let loop: EventLoop
            var count = 0
            nonisolated var unownedExecutor: UnownedSerialExecutor {
                unsafe loop.serialExecutor.asUnownedSerialExecutor()
            }
            init(loop: EventLoop) { self.loop = loop }
            func visit() -> Bool {
                count += 1
                return loop.isCurrent
            }
            func sleepThenVisit() async throws -> Bool {
                try await Task.sleep(for: .milliseconds(1))
                return visit()
            }
        }
        try await withGroup(2) { group in
            let loop = group.loops[1]
            let resident = Resident(loop: loop)
            #expect(await resident.visit())
            #expect(try await resident.sleepThenVisit())
            let assumed = try await loop.submit { resident.assumeIsolated { $0.count } }
            #expect(assumed == 2)
            let task = Task(executorPreference: loop.taskExecutor) {
                let before = loop.isCurrent
                await Task.yield()
                let resident = await resident.visit()
                return before && resident && loop.isCurrent
            }
            #expect(await task.value)
        }
    }

    @Test func `work at the end of the turn follows the work of the turn, without waiting`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            let steps = try await loop.submit { LoopBound<[String]>([], loop: loop) }
            try await loop.submit {
                // All of this is one turn; the timer would be the next.
                loop.schedule(after: .zero) { steps.value.append("timer") }
                loop.atEndOfTurn {
                    steps.value.append("end 1")
                    loop.atEndOfTurn { steps.value.append("end 2") }
                }
                steps.value.append("work 1")
            }
            try await eventually("the timer has fired") { try await steps.withValue { $0.contains("timer") } }
            #expect(try await steps.withValue { $0 } == ["work 1", "end 1", "end 2", "timer"])
        }
    }

    @Test func `work handed over in one turn runs before its end`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            let steps = try await loop.submit { LoopBound<[Int]>([], loop: loop) }
            try await loop.submit {
                loop.execute {
                    loop.atEndOfTurn { steps.value.append(3) }
                    steps.value.append(1)
                }
                loop.execute { steps.value.append(2) }
            }
            try await eventually("three steps") { try await steps.withValue { $0.count == 3 } }
            #expect(try await steps.withValue { $0 } == [1, 2, 3])
        }
    }

    @Test func `work handed over at the end of a turn waits for nothing else`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            let hasRun = Flag()
            loop.execute {
                // Its first time comes in a turn to which nobody else hands anything over, and which closes nothing; its second
                // makes this test fail rather than hang.
                loop.schedule(after: .milliseconds(1), repeating: .seconds(25)) {
                    loop.atEndOfTurn { loop.execute { hasRun.set() } }
                }
            }
            // Asks the loop nothing: that would wake it.
            try await eventually("the work has run", within: .seconds(15)) { hasRun.isSet }
        }
    }

    @Test func `timers fire in order, repeat and can be cancelled`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            let steps = try await loop.submit { LoopBound<[String]>([], loop: loop) }
            try await loop.submit {
                loop.schedule(after: .milliseconds(20)) { steps.value.append("late") }
                loop.schedule(after: .milliseconds(5)) { steps.value.append("early") }
                let never = loop.schedule(after: .milliseconds(1)) { steps.value.append("never") }
                never.cancel()
                never.cancel()
                precondition(!never.isActive)
                var count = 0
                var own: LoopTimer?
                own = loop.schedule(after: .milliseconds(50), repeating: .milliseconds(1)) {
                    count += 1
                    steps.value.append("again \(count)")
                    if count == 3 { own?.cancel() }
                }
            }
            try await eventually("the last one") { try await steps.withValue { $0.last == "again 3" } }
            try await loop.submit { _ = loop.schedule(after: .milliseconds(5)) { steps.value.append("over") } }
            try await eventually("a turn later") { try await steps.withValue { $0.last == "over" } }
            #expect(
                try await steps.withValue { $0 }
                    == ["early", "late", "again 1", "again 2", "again 3", "over"])
        }
    }

    @Test func `work that always hands in more does not starve timers`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            let stop = try await loop.submit { LoopBound(false, loop: loop) }
            try await loop.submit {
                @Sendable func again() { if !stop.value { loop.execute(again) } }
                again()
                loop.schedule(after: .milliseconds(10)) { stop.value = true }
            }
            try await eventually("the timer has fired") { try await stop.withValue { $0 } }
        }
    }

    @Test func `work handed over after the shutdown still runs`() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        await group.shutdown()
        await group.shutdown()
        let isCurrent = try await loop.submit {
            let timer = loop.schedule(after: .zero) {}
            precondition(!timer.isActive)
            return loop.isCurrent
        }
        #expect(isCurrent)
        await #expect(throws: NetworkError.self) {
            try await Connector.connect(host: "127.0.0.1", port: 1, loop: loop) { _ in }
        }
    }

    @Test func `what is put at the end of a turn runs after the shutdown, too`() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        await group.shutdown()
        let steps = try await loop.submit { LoopBound<[Int]>([], loop: loop) }
        try await loop.submit {
            loop.atEndOfTurn {
                loop.atEndOfTurn { steps.value.append(2) }
                steps.value.append(1)
            }
        }
        try await eventually("both have run") { try await steps.withValue { $0 } == [1, 2] }
    }

    @Test func `opening something after the shutdown fails`() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        await group.shutdown()
        let outcomes = try await loop.submit { LoopBound<[String]>([], loop: loop) }
        try await loop.submit {
            _ = Connector.connect(host: "127.0.0.1", port: 1, on: loop) { result in
                if case .failure(let error as NetworkError) = result { outcomes.value.append(error.code) }
            }
            Resolver.addresses(of: "localhost", on: loop) { result in
                if case .failure(let error) = result { outcomes.value.append(error.code) }
            }
            _ = FileDescriptorWatch(descriptor: 0, loop: loop, onReady: { _ in }) { outcomes.value.append("stopped") }
        }
        try await eventually("all have heard") { try await outcomes.withValue { $0.count } == 3 }
        #expect(try await outcomes.withValue { $0.sorted() } == ["cancelled", "cancelled", "stopped"])
    }

    @Test func `tasks and actors of a loop go on after the shutdown`() async throws {
        actor Resident {
            let loop: EventLoop
            nonisolated var unownedExecutor: UnownedSerialExecutor {
                unsafe loop.serialExecutor.asUnownedSerialExecutor()
            }
            init(loop: EventLoop) { self.loop = loop }
            func visit() -> Bool { loop.isCurrent }
        }
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let resident = Resident(loop: loop)
        let (gate, opener) = AsyncStream.makeStream(of: Never.self)
        let begun = Task(executorPreference: loop.taskExecutor) {
            for await _ in gate {}
            let visited = await resident.visit()
            return visited && loop.isCurrent
        }
        await group.shutdown()
        opener.finish()
        #expect(await begun.value)
        let late = Task(executorPreference: loop.taskExecutor) {
            await Task.yield()
            let visited = await resident.visit()
            return visited && loop.isCurrent
        }
        #expect(await late.value)
    }

    @Test func `a value bound to a loop is released there`() async throws {
        final class Resident {
            let loop: EventLoop
            let collector: Collector<Bool>
            init(_ loop: EventLoop, _ collector: Collector<Bool>) {
                self.loop = loop
                self.collector = collector
            }
            deinit { collector.add(loop.isCurrent) }
        }
        try await withGroup(2) { group in
            let collector = try await Collector<Bool>(on: group.loops[0])
            let loop = group.loops[1]
            var bound: LoopBound<Resident>? = try await loop.submit {
                LoopBound(Resident(loop, collector), loop: loop)
            }
            #expect(bound != nil)
            bound = nil
            try await eventually("the value is gone") { try await collector.all == [true] }
        }
    }

    @Test func `a signal reaches its stream`() async throws {
        try await withGroup(1) { group in
            let loop = group.loops[0]
            let stream = Signals.stream([SIGUSR2], on: loop)
            // The watch is in place once later work has run.
            try await loop.submit {}
            kill(getpid(), SIGUSR2)
            var iterator = stream.makeAsyncIterator()
            #expect(await iterator.next() == SIGUSR2)
        }
    }
}
