import Core
import Synchronization

/// A thread that keeps one connection to the server open, reconnects whenever it's lost, and runs work on it. It lives until
/// stopped, and keeps itself alive until then.
final class RabbitThread<Role: RabbitRole>: Sendable {
    /// Runs on the thread; the channel is `nil` while there is no connection.
    typealias Work = @Sendable (Role, RabbitChannel?) throws(RabbitError) -> Void

    private struct State {
        var work: [Work] = []
        var isStopping = false
        var hasEnded = false
    }

    private let configuration: RabbitConfiguration
    private let time: TimeSource
    private let log: Log
    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let connected = Atomic<Bool>(false)

    /// - Parameter makeRole: called on the thread.
    init(
        _ configuration: RabbitConfiguration, time: TimeSource, log: Log,
        makeRole: @escaping @Sendable () -> Role
    ) {
        self.configuration = configuration
        self.time = time
        self.log = log
        wakeUp = WakeUp()
        startThread { [self] in run(makeRole()) }
    }

    var isConnected: Bool { connected.load(ordering: .relaxed) }

    /// Runs `work` on the thread, in the order of the calls. While a connection is being made, it waits for the outcome, at
    /// most for the configuration's timeouts.
    /// - Returns: false if the thread has ended and will not run it.
    func submit(_ work: @escaping Work) -> Bool {
        let isAccepted = state.withLock { state in
            guard !state.hasEnded else { return false }
            state.work.append(work)
            return true
        }
        wakeUp.signal()
        return isAccepted
    }

    /// Closes the connection and ends the thread, soon.
    func stop() {
        state.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    // MARK: The thread

    private func run(_ role: Role) {
        var reconnection = Reconnection(configuration.backoff, provenAfter: configuration.heartbeat)
        _ = reconnection.started()
        while !isStopping {
            do throws(RabbitError) {
                let channel = try RabbitChannel(configuration)
                try role.opened(channel)
                if reconnection.opened(at: time.now) == .use(endsOutage: true) {
                    log.info("connected to RabbitMQ again", ["address": configuration.address])
                }
                connected.store(true, ordering: .relaxed)
                try serve(role, channel)
            } catch {
                connected.store(false, ordering: .relaxed)
                let next =
                    if case .open = reconnection.state { reconnection.lost(at: time.now) } else {
                        reconnection.failed()
                    }
                guard case .wait(let pause, let beginsOutage)? = next else {
                    preconditionFailure("no attempt was under way")
                }
                if beginsOutage, !isStopping {
                    log.warning("RabbitMQ is unavailable, trying again", ["error": error.message])
                } else {
                    log.debug("RabbitMQ is still unavailable", ["error": error.message])
                }
                role.lost(error)
                rest(role, until: time.now + pause)
                _ = reconnection.timerFired()
            }
        }
        connected.store(false, ordering: .relaxed)
        role.lost(RabbitError(.closed, "the connection to RabbitMQ was closed"))
        // Work that was handed in last finds no connection; none comes after it.
        while let work = takeWork(isLast: true) { for work in work { try? work(role, nil) } }
    }

    /// Runs work and passes on what arrives, until stopped.
    private func serve(_ role: Role, _ channel: RabbitChannel) throws(RabbitError) {
        while true {
            // Asked first, so that work that was handed in before the stop is still done.
            let isLast = isStopping
            try work(role, channel)
            guard !isLast else { return channel.close() }
            // Bounded, so that a flood of messages doesn't keep work waiting.
            var budget = 512
            while budget > 0, let input = try channel.next() {
                try role.received(input, on: channel)
                budget -= 1
            }
            role.inputEnded()
            let now = time.now
            let deadline = try role.deadline(at: now)
            guard budget > 0 else { continue }
            let limit = configuration.heartbeat / 3
            wakeUp.wait(for: min(deadline.map { $0 - now } ?? limit, limit), or: channel.descriptor)
        }
    }

    private func work(_ role: Role, _ channel: RabbitChannel) throws(RabbitError) {
        guard let work = takeWork() else { return }
        for index in work.indices {
            do throws(RabbitError) {
                try work[index](role, channel)
            } catch {
                // The others find no connection.
                state.withLock { $0.work.insert(contentsOf: work[(index + 1)...], at: 0) }
                throw error
            }
        }
    }

    /// Pauses; work that is handed in meanwhile finds no connection.
    private func rest(_ role: Role, until end: Duration) {
        while true {
            for work in takeWork() ?? [] { try? work(role, nil) }
            let left = end - time.now
            guard left > .zero, !isStopping else { return }
            wakeUp.wait(for: left, or: nil)
        }
    }

    private func takeWork(isLast: Bool = false) -> [Work]? {
        state.withLock { state in
            guard !state.work.isEmpty else {
                if isLast { state.hasEnded = true }
                return nil
            }
            defer { state.work = [] }
            return state.work
        }
    }
}
