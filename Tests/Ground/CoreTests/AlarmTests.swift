import Core
import Synchronization
import Testing
import TestSupport

struct AlarmTests {
    private final class Count: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func increment() { count.withLock { $0 += 1 } }
    }

    private let time = ManualTime()
    private let count = Count()

    @Test func `it goes off once, at its moment`() async throws {
        let alarm = Alarm(time: time.source) { [count] in count.increment() }
        alarm.set(.seconds(5))
        try await time.waitForSleepers()
        time.advance(to: .seconds(4))
        #expect(time.sleepers == [.seconds(5)])
        time.advance(to: .seconds(5))
        try await eventually("it has gone off") { count.value == 1 }
        #expect(time.sleepers.isEmpty)
    }

    @Test func `setting it again replaces the moment`() async throws {
        let alarm = Alarm(time: time.source) { [count] in count.increment() }
        alarm.set(.seconds(5))
        alarm.set(.seconds(3))
        try await eventually("only the new moment is waited for") { time.sleepers == [.seconds(3)] }
        time.advance(to: .seconds(3))
        try await eventually("it has gone off") { count.value == 1 }
        time.advance(to: .seconds(9))
        alarm.set(.seconds(10))
        try await time.waitForSleepers()
        time.advance(to: .seconds(10))
        try await eventually("it has gone off again") { count.value == 2 }
    }

    @Test func `it can be turned off, and ends with its owner`() async throws {
        var alarm: Alarm? = Alarm(time: time.source) { [count] in count.increment() }
        alarm?.set(.seconds(5))
        try await time.waitForSleepers()
        alarm?.set(nil)
        try await eventually("nobody sleeps") { time.sleepers.isEmpty }
        alarm?.set(.seconds(6))
        try await time.waitForSleepers()
        alarm = nil
        try await eventually("nobody sleeps") { time.sleepers.isEmpty }
        time.advance(to: .seconds(10))
        #expect(count.value == 0)
    }
}
