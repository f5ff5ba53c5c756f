import Core
import Testing

struct ReconnectionTests {
    private struct Highest: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    private var highest = Highest()

    private static func make(retriesLossAtOnce: Bool = false) -> Reconnection {
        Reconnection(
            Backoff(base: .seconds(1), limit: .seconds(8)), provenAfter: .seconds(10),
            retriesLossAtOnce: retriesLossAtOnce)
    }

    /// The bound from which a pause was drawn, in seconds; nil if the action isn't a pause.
    private static func bound(_ action: Reconnection.Action?) -> Int? {
        guard case .wait(let pause, _) = action else { return nil }
        return Int((pause / .seconds(1)).rounded(.up))
    }

    @Test mutating func `an attempt that fails is repeated with growing pauses, and only the first is news`() {
        var machine = Self.make()
        #expect(machine.started() == .connect)
        var bounds: [Int?] = []
        for attempt in 1...5 {
            let action = machine.failed(using: &highest)
            bounds.append(Self.bound(action))
            guard case .wait(_, let beginsOutage) = action else { continue }
            #expect(beginsOutage == (attempt == 1))
            #expect(machine.state == .waiting(.init(failedAttempts: attempt)))
            #expect(machine.timerFired() == .connect)
        }
        #expect(bounds == [1, 2, 4, 8, 8])
        #expect(machine.opened(at: .seconds(100)) == .use(endsOutage: true))
        #expect(machine.state == .open(since: .seconds(100)))
    }

    @Test func `a first attempt that succeeds ends no outage`() {
        var machine = Self.make()
        _ = machine.started()
        #expect(machine.opened(at: .zero) == .use(endsOutage: false))
    }

    @Test mutating func `pauses begin anew only after a connection that lasted`() {
        var machine = Self.make()
        _ = machine.started()
        var bounds: [Int?] = []
        var now = Duration.zero
        for lifetime in [1, 9, 10, 0, 11] {
            _ = machine.opened(at: now)
            now += .seconds(lifetime)
            bounds.append(Self.bound(machine.lost(at: now, using: &highest)))
            _ = machine.timerFired()
        }
        #expect(bounds == [1, 2, 1, 2, 1])
    }

    @Test mutating func `the loss of a good connection can be retried at once, that of a bad one cannot`() {
        var machine = Self.make(retriesLossAtOnce: true)
        _ = machine.started()
        _ = machine.opened(at: .zero)
        #expect(machine.lost(at: .seconds(60)) == .wait(.zero, beginsOutage: true))
        #expect(machine.timerFired() == .connect)
        #expect(machine.state == .connecting(.init(failedAttempts: 0)))
        _ = machine.opened(at: .seconds(60))
        #expect(Self.bound(machine.lost(at: .seconds(61), using: &highest)) == 2)
    }

    @Test func `stopping ends what is under way, and nothing follows`() {
        var idle = Self.make()
        #expect(idle.stopped() == nil)
        #expect(idle.started() == nil)

        var connecting = Self.make()
        _ = connecting.started()
        #expect(connecting.stopped() == .abandonAttempt)
        #expect(connecting.failed() == nil)
        #expect(connecting.opened(at: .zero) == .closeConnection)

        var open = Self.make()
        _ = open.started()
        _ = open.opened(at: .zero)
        #expect(open.stopped() == .closeConnection)
        #expect(open.lost(at: .seconds(1)) == nil)

        var waiting = Self.make()
        _ = waiting.started()
        _ = waiting.failed()
        #expect(waiting.stopped() == .cancelTimer)
        #expect(waiting.timerFired() == nil)
        #expect(waiting.stopped() == nil)
    }

    @Test func `events that don't fit the state change nothing`() {
        var machine = Self.make()
        #expect(machine.failed() == nil && machine.lost(at: .zero) == nil && machine.timerFired() == nil)
        #expect(machine.state == .idle)
        _ = machine.started()
        #expect(machine.started() == nil && machine.lost(at: .zero) == nil && machine.timerFired() == nil)
        #expect(machine.state == .connecting(nil))
        _ = machine.opened(at: .zero)
        #expect(machine.failed() == nil && machine.timerFired() == nil)
        #expect(machine.state == .open(since: .zero))
    }
}
