import Core
import Synchronization
import Testing
import TestSupport

struct TimeSourceTests {
    private struct Failure: Error, Equatable { let number: Int }

    private let time = ManualTime()

    @Test func `the system's time passes`() async throws {
        let (now, date) = (TimeSource.system.now, TimeSource.system.milliseconds)
        try await TimeSource.system.sleep(for: .milliseconds(5))
        #expect(TimeSource.system.now >= now + .milliseconds(5))
        #expect(TimeSource.system.milliseconds >= date)
    }

    // MARK: Retrying

    @Test func `an attempt is repeated after growing pauses until it succeeds`() async throws {
        let attempts = Mutex(0)
        let pauses = Mutex<[Duration]>([])
        let source = time.source
        async let result = source.retrying(
            Backoff(base: .seconds(1), limit: .seconds(8)), failed: { _, pause in pauses.withLock { $0.append(pause) } }
        ) {
            let number = attempts.withLock { count in
                count += 1
                return count
            }
            if number < 4 { throw Failure(number: number) }
            return number
        }
        for failures in 1...3 {
            try await eventually("attempt \(failures) has failed") { pauses.withLock { $0.count } >= failures }
            try await eventually("it sleeps or goes on") {
                !time.sleepers.isEmpty || pauses.withLock { $0.last == .zero }
            }
            time.advance(by: .seconds(8))
        }
        #expect(try await result == 4)
        for (pause, bound) in zip(pauses.withLock { $0 }, [Duration.seconds(1), .seconds(2), .seconds(4)]) {
            #expect(pause < bound)
        }
    }

    @Test func `an error that no retry mends is thrown at once`() async throws {
        await #expect(throws: Failure(number: 7)) {
            try await time.source.retrying(
                Backoff(base: .seconds(1), limit: .seconds(1)), failed: { _, _ in Issue.record("nothing is retried") },
                while: { _ in false }
            ) { throw Failure(number: 7) }
        }
    }

    @Test func `cancellation ends the pause between attempts`() async throws {
        let source = time.source
        let retrying = Task {
            try await source.retrying(Backoff(base: .seconds(60), limit: .seconds(60))) { throw Failure(number: 1) }
        }
        try await time.waitForSleepers()
        retrying.cancel()
        await #expect(throws: CancellationError.self) { try await retrying.value }
    }

    // MARK: Timeouts

    @Test func `work within its time returns its result`() async throws {
        #expect(try await time.source.withTimeout(.seconds(1)) { 5 } == 5)
        #expect(await time.source.abandoning(after: .seconds(1)) { 5 } == 5)
    }

    @Test func `work beyond its time is cancelled, awaited and reported`() async throws {
        let source = time.source
        let hasEnded = Latch()
        let working = Task {
            try await source.withTimeout(.seconds(1)) {
                defer { hasEnded.open() }
                try await source.sleep(for: .seconds(100))
            }
        }
        try await time.waitForSleepers(2)
        time.advance(by: .seconds(1))
        await #expect(throws: TimedOut(limit: .seconds(1))) { try await working.value }
        #expect(hasEnded.isOpen)
    }

    @Test func `work that ignores its cancellation is abandoned`() async throws {
        let source = time.source
        let mayEnd = Latch()
        let hasEnded = Latch()
        async let outcome = source.abandoning(after: .seconds(1)) {
            await uncancelled { await mayEnd.wait() }
            hasEnded.open()
        }
        try await time.waitForSleepers()
        time.advance(by: .seconds(1))
        #expect(await outcome == nil)
        #expect(!hasEnded.isOpen)
        mayEnd.open()
        await hasEnded.wait()
    }

    @Test func `work goes on although its caller was cancelled`() async throws {
        let mayEnd = Latch()
        let isCancelled = Mutex<Bool?>(nil)
        let caller = Task {
            await uncancelled {
                await mayEnd.wait()
                isCancelled.withLock { $0 = Task.isCancelled }
            }
        }
        caller.cancel()
        mayEnd.open()
        await caller.value
        #expect(isCancelled.withLock { $0 } == false)
    }

    // MARK: Conversion

    private static let conversions: [(Duration, Int64)] = [
        (.zero, 0), (.milliseconds(1), 1), (.nanoseconds(1), 1), (.microseconds(1500), 2), (.seconds(300), 300_000),
        (.milliseconds(-1), -1), (.microseconds(-1500), -1), (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    ]

    @Test(arguments: conversions)
    func `milliseconds are rounded up`(duration: Duration, milliseconds: Int64) {
        #expect(duration.milliseconds == milliseconds)
    }
}
