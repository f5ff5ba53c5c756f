package import Core
package import EventLoop
import Synchronization

/// One connection to a Redis or Valkey server, shared by all callers, on any thread.
///
/// It opens whether or not the server is available, and again by itself whenever it's lost. Commands are pipelined: they are
/// sent at once in the order in which they came, and each is answered on its own. A command whose connection is lost fails
/// with `.unavailable` and isn't repeated, because it may have been executed.
package final class RedisConnection: Sendable {
    package let address: String
    private let loop: EventLoop
    private let link: LoopBound<RedisLink>
    private let connected: Atomic<Bool>

    /// Begins to connect, and returns without waiting for the connection.
    /// - Throws: nothing at present.
    package init(
        _ configuration: RedisConfiguration, loop: EventLoop, log: Log, metrics: Metrics = Metrics(),
        purpose: String = "commands"
    ) async throws {
        self.loop = loop
        address = configuration.address
        let losses = metrics.counter(
            "tandem_redis_connection_losses_total", help: "Lost connections and failed attempts to connect to Redis.",
            labels: ["purpose": purpose])
        let log = log.labelled("redis")
        link = try await loop.submit { LoopBound(RedisLink(configuration, loop: loop, log: log), loop: loop) }
        connected = Atomic(false)
        metrics.gauge("tandem_redis_connected", help: "1 while connected to Redis.", labels: ["purpose": purpose]) {
            [weak self] in
            self?.isConnected == true ? 1 : 0
        }
        loop.execute { [link, weak self] in
            link.value.onReady = { self?.connected.store(true, ordering: .relaxed) }
            link.value.onLost = { _ in
                losses.increment()
                self?.connected.store(false, ordering: .relaxed)
            }
            link.value.start()
        }
    }

    /// Whether the connection is open now.
    package var isConnected: Bool { connected.load(ordering: .relaxed) }

    /// Sends one command and returns the server's answer.
    /// - Throws: `RedisError`; `.refused` if the server answers with an error. `.unavailable` comes at once while the server
    ///   is known to be unavailable, and after the connection's timeouts otherwise.
    @discardableResult
    package func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await result(of: command).get().checked()
    }

    /// The same, with the command as words: `send("GET", key)`.
    /// - Throws: as `send(_:)` does.
    @discardableResult
    package func send(_ words: RedisCommand.Word...) async throws(RedisError) -> RedisReply {
        try await send(RedisCommand(words))
    }

    /// Sends commands in one go, with nothing between them, and returns as many answers; errors of the server are among them.
    /// - Throws: `RedisError` when the connection is lost or too much waits for it.
    package func send(pipeline commands: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
        guard !commands.isEmpty else { return [] }
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<[RedisReply], RedisError>, Never>) in
            loop.execute { [link] in
                let answers = Answers(count: commands.count) { continuation.resume(returning: $0) }
                for (index, command) in commands.enumerated() {
                    link.value.send(command) { answers.take($0, at: index) }
                }
            }
        }
        return try result.get()
    }

    private func result(of command: RedisCommand) async -> Result<RedisReply, RedisError> {
        await withCheckedContinuation { continuation in
            loop.execute { [link] in link.value.send(command) { continuation.resume(returning: $0) } }
        }
    }

    /// Closes the connection for good; commands that wait fail with `.closed`.
    package func close() async {
        try? await link.withValue { $0.close() }
        connected.store(false, ordering: .relaxed)
    }
}

/// Collects the answers to several commands and reports them when the last has come. Belongs to a loop.
private final class Answers {
    private var replies: [RedisReply]
    private var failure: RedisError?
    private var missing: Int
    private let done: (Result<[RedisReply], RedisError>) -> Void

    init(count: Int, done: @escaping (Result<[RedisReply], RedisError>) -> Void) {
        replies = Array(repeating: .null, count: count)
        missing = count
        self.done = done
    }

    func take(_ result: Result<RedisReply, RedisError>, at index: Int) {
        switch result {
        case .success(let reply): replies[index] = reply
        case .failure(let error): failure = failure ?? error
        }
        missing -= 1
        if missing == 0 { done(failure.map { .failure($0) } ?? .success(replies)) }
    }
}
