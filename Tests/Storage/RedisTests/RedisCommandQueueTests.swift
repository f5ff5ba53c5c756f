import Core
import Redis
import Testing

struct RedisCommandQueueTests {
    private let ping = RedisCommand("PING")

    private func queue(
        change: (inout RedisConfiguration) -> Void = { _ in }
    ) throws -> RedisCommandQueue<String> {
        var configuration = try RedisConfiguration(url: "redis://localhost")
        configuration.commandTimeout = .seconds(3)
        change(&configuration)
        return RedisCommandQueue(configuration)
    }

    /// What became of a command: `held`, `first` or `queued`, or the kind of its refusal.
    private func submit(
        _ name: String, to queue: inout RedisCommandQueue<String>, bufferedBytes: Int = 0, at now: Duration = .zero
    ) -> String {
        switch queue.submitted(ping, name, bufferedBytes: bufferedBytes, at: now) {
        case .held: "held"
        case .queued(let isFirst): isFirst ? "first" : "queued"
        case .refused(let error, let completion): completion == name ? error.kind.rawValue : "someone else's"
        }
    }

    @Test func `commands wait for an attempt that has a chance, and are refused during any other`() throws {
        var queue = try queue()
        #expect(submit("a", to: &queue) == "unavailable")
        queue.connecting(isHopeful: true)
        #expect(submit("b", to: &queue) == "held")
        #expect(submit("c", to: &queue) == "held")
        #expect(queue.lost() == ["b", "c"])
        #expect(submit("d", to: &queue) == "unavailable")
        queue.connecting(isHopeful: false)
        #expect(submit("e", to: &queue) == "unavailable")
        #expect(queue.opened().isEmpty)
        #expect(submit("f", to: &queue) == "first")
    }

    @Test func `commands that waited are returned in order once the connection is ready`() throws {
        var queue = try queue()
        queue.connecting(isHopeful: true)
        for name in ["a", "b", "c"] { _ = submit(name, to: &queue) }
        #expect(queue.opened().map(\.1) == ["a", "b", "c"])
        #expect(queue.isIdle)
    }

    @Test func `commands of one turn leave together and are answered in order`() throws {
        var queue = try queue()
        queue.connecting(isHopeful: true)
        let isFirst = queue.send(ping, "greeting", at: .zero)
        #expect(isFirst)
        #expect(queue.takeOutput().count == 1)
        _ = queue.opened()
        #expect(["a", "b"].map { submit($0, to: &queue) } == ["first", "queued"])
        #expect(queue.takeOutput() == [Array("*1\r\n$4\r\nPING\r\n".utf8), Array("*1\r\n$4\r\nPING\r\n".utf8)])
        #expect(submit("c", to: &queue) == "first")
        #expect((0..<5).map { _ in queue.answered() } == ["greeting", "a", "b", "c", nil])
        #expect(queue.isIdle)
    }

    @Test func `an answer is overdue once the oldest command has waited longer than the timeout`() throws {
        var queue = try queue()
        _ = queue.opened()
        #expect(!queue.isOverdue(at: .seconds(100)))
        _ = submit("a", to: &queue, at: .seconds(10))
        _ = submit("b", to: &queue, at: .seconds(12))
        #expect(!queue.isOverdue(at: .seconds(13)))
        #expect(queue.isOverdue(at: .seconds(13) + .milliseconds(1)))
        _ = queue.answered()
        #expect(!queue.isOverdue(at: .seconds(15)))
    }

    @Test func `no more commands and bytes wait than may, but one command always fits`() throws {
        var few = try queue { $0.waitingCommands = 2 }
        few.connecting(isHopeful: true)
        #expect(["a", "b", "c"].map { submit($0, to: &few) } == ["held", "held", "overloaded"])
        #expect(few.opened().map(\.1) == ["a", "b"])
        #expect(["a", "b", "c"].map { submit($0, to: &few) } == ["first", "queued", "overloaded"])
        _ = few.answered()
        #expect(submit("d", to: &few) == "queued")

        var small = try queue { $0.waitingBytes = 20 }
        _ = small.opened()
        #expect(["a", "b"].map { submit($0, to: &small) } == ["first", "overloaded"])
        _ = small.takeOutput()
        #expect(submit("c", to: &small, bufferedBytes: 14) == "overloaded")
        #expect(submit("d", to: &small, bufferedBytes: 6) == "first")
        var tiny = try queue { $0.waitingBytes = 1 }
        _ = tiny.opened()
        #expect(submit("a", to: &tiny) == "first")
    }

    @Test func `the end of a connection fails what waits, and its output counts for nothing`() throws {
        var queue = try queue()
        _ = queue.opened()
        for name in ["a", "b"] { _ = submit(name, to: &queue) }
        #expect(queue.lost() == ["a", "b"])
        #expect(queue.takeOutput().isEmpty && queue.isIdle && queue.lost().isEmpty)
        _ = queue.opened()
        _ = submit("c", to: &queue)
        #expect(queue.closed() == ["c"])
        #expect(submit("d", to: &queue) == "closed")
    }
}
