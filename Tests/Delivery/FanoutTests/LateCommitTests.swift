import Core
import EventLoop
import Fanout
import Store
import Synchronization
import Testing
import TestSupport

struct LateCommitTests {
    @Test func `an event committed while the log is being read is not forgotten`() async throws {
        let log = SlowLog()
        let group = EventLoopGroup(count: 1)
        let hub = try await Hub(group: group, eventLog: log, policy: TestPolicy(), log: .none, metrics: Metrics())
        let running = Task { try await hub.run() }
        // While the hub has read all there is and not yet said so, one more is committed and rung for.
        log.afterNextRead {
            try log.events.append(EventDraft(topic: "room/1", kind: "note.added", payload: "{}"))
            hub.receive([])
        }
        hub.receive([])
        try await eventually("the event is delivered") { hub.position == 1 }
        running.cancel()
        _ = await running.result
        await group.shutdown()
    }
}

/// A log in which something happens between a reader's look and its answer.
private final class SlowLog: EventLog {
    let events = MemoryEventLog(capacity: 100) { _ in }
    private let happening = Mutex<(@Sendable () throws -> Void)?>(nil)

    var epoch: String { events.epoch }
    var lastNumber: Int64 { get async throws { events.lastNumber } }
    var settledNumber: Int64 { get async throws { events.lastNumber } }
    var oldestNumber: Int64 { get async throws { events.oldestNumber } }

    func afterNextRead(_ happening: @escaping @Sendable () throws -> Void) {
        self.happening.withLock { $0 = happening }
    }

    func read(after number: Int64, limit: Int) async throws -> [Event] {
        let found = events.read(after: number, limit: limit)
        let happening = happening.withLock { happening in
            defer { happening = nil }
            return happening
        }
        try happening?()
        return found
    }

    func append(_ draft: EventDraft) async throws -> Int64 { try events.append(draft) }
}
