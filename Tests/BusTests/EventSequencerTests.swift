import Bus
import Store
import Testing

struct EventSequencerTests {
    typealias Actions = EventSequencer.Actions

    private func events(_ numbers: Int64...) -> [Event] { numbers.map(BusConformance.event) }

    @Test func `what comes in order is handed on as it is`() {
        var sequencer = EventSequencer(after: 4)
        #expect(sequencer.received(events(5, 6)) == Actions(deliver: events(5, 6)))
        #expect(sequencer.received([]) == Actions())
        #expect(sequencer.received(events(7)) == Actions(deliver: events(7)))
        #expect(sequencer.last == 7)
    }

    @Test func `repetitions are dropped`() {
        var sequencer = EventSequencer(after: 4)
        #expect(sequencer.received(events(3, 4)) == Actions())
        #expect(sequencer.received(events(4, 5, 5, 6)) == Actions(deliver: events(5, 6)))
        #expect(sequencer.received(events(5, 6, 7)) == Actions(deliver: events(7)))
    }

    @Test func `a gap is filled from the log before anything later is handed out`() {
        var sequencer = EventSequencer(after: 0)
        #expect(sequencer.received(events(1, 4)) == Actions(deliver: events(1), fetch: 2...3))
        #expect(sequencer.received(events(5)) == Actions())
        #expect(sequencer.fetched(events(2, 3), oldest: 1) == Actions(deliver: events(2, 3, 4, 5)))
        #expect(sequencer.received(events(6)) == Actions(deliver: events(6)))
    }

    @Test func `the bus may fill a gap before the log does`() {
        var sequencer = EventSequencer(after: 0)
        #expect(sequencer.received(events(2)) == Actions(fetch: 1...1))
        #expect(sequencer.received(events(1)) == Actions(deliver: events(1, 2)))
        #expect(sequencer.fetched(events(1), oldest: 1) == Actions())
        #expect(sequencer.received(events(3)) == Actions(deliver: events(3)))
    }

    @Test func `several gaps are asked for one after the other`() {
        var sequencer = EventSequencer(after: 0)
        #expect(sequencer.received(events(2, 4)) == Actions(fetch: 1...1))
        #expect(sequencer.fetched(events(1), oldest: 1) == Actions(deliver: events(1, 2), fetch: 3...3))
        #expect(sequencer.fetched(events(3), oldest: 1) == Actions(deliver: events(3, 4)))
    }

    @Test func `a long gap is read in several goes`() {
        var sequencer = EventSequencer(after: 0)
        #expect(sequencer.received(events(6)) == Actions(fetch: 1...5))
        #expect(sequencer.fetched(events(1, 2), oldest: 1) == Actions(deliver: events(1, 2), fetch: 3...5))
        #expect(sequencer.fetched(events(3, 4, 5), oldest: 1) == Actions(deliver: events(3, 4, 5, 6)))
    }

    @Test func `what the log no longer has is declared lost`() {
        var sequencer = EventSequencer(after: 0)
        #expect(sequencer.received(events(9)) == Actions(fetch: 1...8))
        #expect(
            sequencer.fetched(events(5, 6, 7, 8), oldest: 5) == Actions(lost: 1...4, deliver: events(5, 6, 7, 8, 9)))
        #expect(sequencer.received(events(12)) == Actions(fetch: 10...11))
        #expect(sequencer.fetched([], oldest: 12) == Actions(lost: 10...11, deliver: events(12)))
    }

    @Test func `too many early events are read from the log again`() {
        var sequencer = EventSequencer(after: 0, earlyLimit: 2)
        #expect(sequencer.received(events(3, 4, 5, 6, 2)) == Actions(fetch: 1...1))
        #expect(sequencer.fetched(events(1), oldest: 1) == Actions(deliver: events(1, 2, 3), fetch: 4...6))
        #expect(sequencer.fetched(events(4, 5, 6), oldest: 1) == Actions(deliver: events(4, 5, 6)))
    }

    @Test func `a log that fails or lags is asked again later, not at once`() {
        var sequencer = EventSequencer(after: 0)
        #expect(sequencer.received(events(2)) == Actions(fetch: 1...1))
        sequencer.fetchFailed()
        #expect(sequencer.proceed() == Actions(fetch: 1...1))
        #expect(sequencer.proceed() == Actions())
        #expect(sequencer.fetched([], oldest: 1) == Actions())
        #expect(sequencer.received(events(3)) == Actions(fetch: 1...1))
        #expect(sequencer.fetched(events(1), oldest: 1) == Actions(deliver: events(1, 2, 3)))
    }

    @Test func `learning how far the log reaches asks for the rest`() {
        var sequencer = EventSequencer(after: 3)
        #expect(sequencer.learned(lastNumber: 3) == Actions())
        #expect(sequencer.learned(lastNumber: 5) == Actions(fetch: 4...5))
        #expect(sequencer.fetched(events(4, 5), oldest: 1) == Actions(deliver: events(4, 5)))
    }

    /// Whatever the bus loses, repeats or reorders: every event comes out once, in order.
    @Test(arguments: UInt64(1)...40) func `nothing is lost, repeated or out of order`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let all = (1...300).map { BusConformance.event(Int64($0)) }
        var sequencer = EventSequencer(after: 0, earlyLimit: Int.random(in: 0...20, using: &random))
        var delivered: [Event] = []
        var fetch: ClosedRange<Int64>?
        func follow(_ actions: Actions) {
            #expect(actions.lost == nil)
            delivered += actions.deliver
            if let range = actions.fetch {
                #expect(fetch == nil && range.lowerBound == sequencer.last + 1)
                fetch = range
            }
        }
        func answer() {
            guard let range = fetch else { return }
            fetch = nil
            let limit = Int.random(in: 1...10, using: &random)
            let start = Int(range.lowerBound) - 1
            follow(sequencer.fetched(Array(all[start..<min(all.count, start + limit)]), oldest: 1))
        }
        var sent = 0
        while sent < all.count {
            let count = Int.random(in: 1...8, using: &random)
            var batch = Array(all[max(0, sent - Int.random(in: 0...3, using: &random))..<min(all.count, sent + count)])
            sent += count
            if Int.random(in: 0..<4, using: &random) == 0 { batch.shuffle(using: &random) }
            if Int.random(in: 0..<4, using: &random) > 0 { follow(sequencer.received(batch)) }
            if Int.random(in: 0..<3, using: &random) == 0 { answer() }
        }
        follow(sequencer.learned(lastNumber: 300))
        while fetch != nil { answer() }
        #expect(delivered.map(\.number) == Array(1...300))
    }
}

/// A generator whose sequence a seed repeats (Vigna's SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
