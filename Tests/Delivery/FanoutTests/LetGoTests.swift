import Core
import EventLoop
import Fanout
import Store
import Testing

struct LetGoTests {
    @Test func `a hub that nobody needs any more leaves nothing running`() async throws {
        let group = EventLoopGroup(count: 1)
        let loop = group.loops[0]
        var configuration = HubConfiguration()
        configuration.heartbeat = .milliseconds(60)
        do {
            _ = try await Hub(
                group: group, eventLog: MemoryEventLog(capacity: 10), policy: TestPolicy(),
                configuration: configuration,
                log: .none, metrics: Metrics())
        }
        // By then its heartbeat would have been due many times.
        await withCheckedContinuation { continuation in
            loop.execute { loop.schedule(after: .milliseconds(50)) { continuation.resume() } }
        }
        await group.shutdown()
    }
}
