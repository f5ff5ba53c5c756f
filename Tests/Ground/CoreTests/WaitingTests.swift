import Core
import Testing
import TestSupport

struct WaitingTests {
    private struct Failure: Error {}

    // MARK: Latch

    @Test func `a latch lets those through who wait and those who come later`() async {
        let latch = Latch()
        await withTaskGroup { group in
            for _ in 0..<10 { group.addTask { await latch.wait() } }
            group.addTask { latch.open() }
        }
        await latch.wait()
        latch.open()
        #expect(latch.isOpen)
    }

    @Test func `waiting for a latch ends with the task`() async {
        let latch = Latch()
        let waiting = Task { await latch.wait() }
        waiting.cancel()
        await waiting.value
        #expect(!latch.isOpen)
    }

    // MARK: SingleFlight

    @Test func `who asks the same at once shares one answer`() async throws {
        let flight = SingleFlight<String, Int>()
        let asked = Latch()
        let mayAnswer = Latch()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await flight("a") {
                        #expect(!asked.isOpen, "the question was asked twice")
                        asked.open()
                        await mayAnswer.wait()
                        return 7
                    }
                }
            }
            group.addTask { try await flight("b") { 8 } }
            await asked.wait()
            mayAnswer.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0 == 7 }.count == 8)
        #expect(answers.filter { $0 == 8 }.count == 1)
    }

    @Test func `a failed question is asked again by who waited for it`() async throws {
        let flight = SingleFlight<Int, Int>()
        let mayFail = Latch()
        let began = Latch()
        let failing = Task {
            try await flight(1) {
                began.open()
                await mayFail.wait()
                throw Failure()
            }
        }
        await began.wait()
        async let waiting = flight(1) { 5 }
        mayFail.open()
        await #expect(throws: Failure.self) { try await failing.value }
        #expect(try await waiting == 5)
    }

    // MARK: BoundedQueue

    @Test func `a full or finished queue refuses what is offered`() async {
        let queue = BoundedQueue<Int>(limit: 1)
        #expect(queue.offer(1))
        #expect(!queue.offer(2))
        #expect(await queue.next() == 1)
        #expect(queue.offer(3))
        queue.finish()
        #expect(!queue.offer(4))
    }

    @Test func `a full queue holds up who asks for room`() async throws {
        let queue = BoundedQueue<Int>(limit: 2)
        await queue.room()
        queue.put(1)
        queue.put(2)
        let hasRoom = Latch()
        async let producer: Void = {
            await queue.room()
            hasRoom.open()
        }()
        #expect(!hasRoom.isOpen)
        #expect(await queue.next() == 1)
        await producer
        queue.put(3)
        #expect(await queue.next() == 2)
        #expect(await queue.next() == 3)
        queue.finish()
        #expect(await queue.next() == nil)
        await queue.room()
    }

    // MARK: Signal

    @Test func `rings that come while a listener is at work become one`() async {
        let signal = Signal()
        var rings = signal.listen().makeAsyncIterator()
        for _ in 0..<5 { signal.ring() }
        #expect(await rings.next() != nil)
        signal.ring()
        #expect(await rings.next() != nil)
    }
}
