package import Core
package import EventLoop
import Synchronization

/// Serves HTTP/1.1 on the loops of a group.
///
/// `run` serves until its task is cancelled, then stops in good order: it accepts no more connections, calls the drain hooks
/// (which dismiss streams), closes the streams that remain, lets requests in flight finish, and after the drain timeout aborts
/// what is left.
package final class HTTPServer: Service {
    package let name: String
    private let state: ServerState
    private let group: EventLoopGroup
    private let time: TimeSource
    private let running = Mutex(Running())

    private struct Running {
        var listener: Listener?
        var loops: [LoopBound<ServerLoop>] = []
        var hooks: [@Sendable () async -> Void] = []
    }

    package init(
        name: String = "http", configuration: HTTPServerConfiguration = HTTPServerConfiguration(), router: Router,
        group: EventLoopGroup, time: TimeSource = .system, log: Log = .none, metrics: Metrics = Metrics()
    ) {
        self.name = name
        self.group = group
        self.time = time
        state = ServerState(
            configuration: configuration, router: router, time: time, log: log.labelled(name), metrics: metrics)
    }

    /// Whether the server is stopping.
    package var isDraining: Bool { state.isDraining }

    /// Connections that are open now, streams among them.
    package var connectionCount: Int { state.connectionCount }

    /// Adds work for the moment when the server begins to stop, such as dismissing streams. Hooks run at the same time; the
    /// server goes on when all are done or the drain timeout has passed.
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
        var configuration = state.configuration
        configuration.listener.onFault = { [state] error in state.couldNotAccept(error) }
        state.serve(on: loops)
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
        state.log.info(
            "listening",
            [
                "host": configuration.host, "port": "\(listener.port)",
                "connections": "\(configuration.maximumConnections)",
            ])
        return listener.port
    }

    /// Serves until its task is cancelled, then drains.
    ///
    /// - Throws: `NetworkError` when the server wasn't started and the address can't be listened on.
    package func run() async throws {
        if running.withLock({ $0.listener == nil }) { try await start() }
        let cancellation = Latch()
        await cancellation.wait()
        await shutdown()
    }

    /// Stops as `run` does after cancellation; for a server that was only started.
    package func shutdown() async { await uncancelled { await self.drain() } }

    private func drain() async {
        let (listener, loops, hooks) = running.withLock { running in
            defer { (running.listener, running.hooks) = (nil, []) }
            return (running.listener, running.loops, running.hooks)
        }
        guard let listener else { return }
        let time = time
        let deadline = time.now + state.configuration.drainTimeout
        let lastRequest = time.now + state.configuration.lastRequestTimeout
        state.beginDraining()
        await listener.close()
        state.log.info("stopping", ["connections": "\(state.connectionCount)"])
        // Also where nothing is closed yet: what was accepted last has arrived on its loop then.
        await Self.onAll(loops) { if lastRequest <= time.now { $0.closeIdle() } }
        // A hook that takes too long is cancelled and not waited for.
        _ = await time.abandoning(after: deadline - time.now) {
            await withDiscardingTaskGroup { group in
                for hook in hooks { group.addTask { await hook() } }
            }
        }
        await Self.onAll(loops) { $0.closeStreams() }
        while state.connectionCount > 0, time.now < deadline {
            try? await time.sleep(for: .milliseconds(10))
            if lastRequest <= time.now { await Self.onAll(loops) { $0.closeIdle() } }
        }
        if state.connectionCount > 0 {
            state.log.warning(
                "aborted connections that had not ended in time", ["connections": "\(state.connectionCount)"])
        }
        await Self.onAll(loops) { $0.abortAll() }
        state.serve(on: [])
        state.log.info("stopped")
    }

    private static func onAll(
        _ loops: [LoopBound<ServerLoop>], _ body: @escaping @Sendable (ServerLoop) -> Void
    ) async {
        for loop in loops { try? await loop.withValue(body) }
    }
}
