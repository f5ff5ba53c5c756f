package import Core
package import EventLoop
import Synchronization

/// Serves HTTP/1.1 on the loops of a group.
///
/// `run` serves until its task is cancelled, then stops in good order: it accepts no more, calls the drain hooks (which
/// send streams away), closes streams that remain, lets requests in flight finish, and after the drain timeout ends what is
/// left.
package final class HTTPServer: Service {
    package let name: String
    private let state: ServerState
    private let group: EventLoopGroup
    private let running = Mutex(Running())

    private struct Running {
        var listener: Listener?
        var loops: [LoopBound<ServerLoop>] = []
        var hooks: [@Sendable () async -> Void] = []
    }

    package init(
        name: String = "http", configuration: HTTPServerConfiguration = HTTPServerConfiguration(), router: Router,
        group: EventLoopGroup, log: Log = .none, metrics: Metrics = Metrics()
    ) {
        self.name = name
        self.group = group
        state = ServerState(configuration: configuration, router: router, log: log.labelled(name), metrics: metrics)
    }

    /// Whether the server is stopping; readiness should then be denied.
    package var isDraining: Bool { state.isDraining }

    /// Connections that are open now, streams among them.
    package var connectionCount: Int { state.connectionCount }

    /// Adds what is to be done when the server begins to stop, such as sending streams away. Hooks run at the same time,
    /// and the server goes on when all are done or the drain timeout has passed.
    package func onDrain(_ hook: @escaping @Sendable () async -> Void) { running.withLock { $0.hooks.append(hook) } }

    /// Listens; `run` then serves until it is cancelled.
    ///
    /// - Returns: the port.
    /// - Throws: `NetworkError` when the address can't be listened on.
    @discardableResult
    package func start() async throws -> Int {
        var loops: [LoopBound<ServerLoop>] = []
        for loop in group.loops {
            let state = state
            loops.append(try await loop.submit { LoopBound(ServerLoop(state: state, loop: loop), loop: loop) })
        }
        let byIndex = loops
        let configuration = state.configuration
        let listener = try await Listener.bind(
            host: configuration.host, port: configuration.port, group: group, tls: configuration.tls,
            configuration: configuration.listener
        ) { connection in
            byIndex[connection.loop.index].value.accept(connection)
        }
        running.withLock {
            precondition($0.listener == nil, "a server starts once")
            $0.listener = listener
            $0.loops = loops
        }
        state.log.info("listening", ["host": configuration.host, "port": "\(listener.port)"])
        return listener.port
    }

    package func run() async throws {
        if running.withLock({ $0.listener == nil }) { try await start() }
        let stop = AsyncStream<Never> { _ in }
        for await _ in stop {}
        // Cancellation would cut the drain short as well: it runs in a task of its own, which is awaited.
        await Task { await drain() }.value
    }

    /// Stops as `run` does after cancellation; for a server that was only started.
    package func shutdown() async { await Task { await drain() }.value }

    private func drain() async {
        let (listener, loops, hooks) = running.withLock { running in
            defer { (running.listener, running.hooks) = (nil, []) }
            return (running.listener, running.loops, running.hooks)
        }
        guard let listener else { return }
        let deadline = ContinuousClock.now + state.configuration.drainTimeout
        let lastRequest = ContinuousClock.now + state.configuration.lastRequestTimeout
        state.beginDraining()
        await listener.close()
        state.log.info("stopping", ["connections": "\(state.connectionCount)"])
        // Also where nothing is closed yet: what was accepted last has arrived on its loop then.
        await Self.onAll(loops) { if lastRequest <= .now { $0.closeIdle() } }
        await Self.run(hooks, until: deadline)
        await Self.onAll(loops) { $0.closeStreams() }
        while state.connectionCount > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
            if lastRequest <= .now { await Self.onAll(loops) { $0.closeIdle() } }
        }
        if state.connectionCount > 0 {
            state.log.warning("cut off what had not ended in time", ["connections": "\(state.connectionCount)"])
        }
        await Self.onAll(loops) { $0.abortAll() }
        state.log.info("stopped")
    }

    private static func onAll(
        _ loops: [LoopBound<ServerLoop>], _ body: @escaping @Sendable (ServerLoop) -> Void
    ) async {
        for loop in loops { try? await loop.withValue(body) }
    }

    /// A hook that takes too long is cancelled and not waited for.
    private static func run(_ hooks: [@Sendable () async -> Void], until deadline: ContinuousClock.Instant) async {
        let (finished, continuation) = AsyncStream.makeStream(of: Void.self)
        let work = Task {
            await withDiscardingTaskGroup { group in
                for hook in hooks { group.addTask { await hook() } }
            }
            continuation.finish()
        }
        let timer = Task {
            try? await Task.sleep(until: deadline)
            continuation.finish()
        }
        for await _ in finished {}
        work.cancel()
        timer.cancel()
    }
}
