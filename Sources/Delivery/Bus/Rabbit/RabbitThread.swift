import Core
import EventLoop
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a connection is for. All of it is called on the connection's thread.
protocol RabbitRole: AnyObject, SendableMetatype {
    /// A new connection: declare what is needed.
    func opened(_ channel: RabbitChannel) throws(RabbitError)
    func received(_ input: RabbitChannel.Input, on channel: RabbitChannel) throws(RabbitError)
    /// Nothing more has come for now.
    func inputEnded()
    /// When to be asked again even if nothing happens, and a chance to find the connection wanting.
    func deadline() throws(RabbitError) -> ContinuousClock.Instant?
    /// The connection is gone, or none could be made.
    func lost(_ error: RabbitError)
}

/// A thread that keeps one connection to the server, makes it again whenever it's lost, and runs work in between. It lives
/// until stopped, whatever becomes of those who made it.
final class RabbitThread<Role: RabbitRole>: Sendable {
    /// `nil` while there is no connection.
    typealias Work = @Sendable (Role, RabbitChannel?) throws(RabbitError) -> Void

    private struct State {
        var work: [Work] = []
        var isStopping = false
        var hasEnded = false
    }

    private let configuration: RabbitConfiguration
    private let log: Log
    private let state = Mutex(State())
    private let wakeUp: WakeUp
    private let connected = Atomic<Bool>(false)

    /// - Parameter makeRole: is called on the thread.
    init(_ configuration: RabbitConfiguration, log: Log, makeRole: @escaping @Sendable () -> Role) {
        self.configuration = configuration
        self.log = log
        wakeUp = WakeUp()
        startThread { [self] in run(makeRole()) }
    }

    var isConnected: Bool { connected.load(ordering: .relaxed) }

    /// Runs `work` on the thread, in order. While a connection is being made it waits for the outcome (at most the
    /// configuration's timeouts).
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
        var backoff = configuration.backoff
        var hasWarned = false
        while !isStopping {
            let begin = ContinuousClock.now
            do throws(RabbitError) {
                let channel = try RabbitChannel(configuration)
                try role.opened(channel)
                connected.store(true, ordering: .relaxed)
                if hasWarned { log.info("connected to RabbitMQ again", ["address": configuration.address]) }
                hasWarned = false
                try serve(role, channel)
            } catch {
                connected.store(false, ordering: .relaxed)
                if hasWarned || isStopping {
                    log.debug("RabbitMQ is still not available", ["error": error.message])
                } else {
                    log.warning("RabbitMQ is not available, trying again", ["error": error.message])
                }
                hasWarned = true
                role.lost(error)
                // It has proved good, not merely begun.
                if ContinuousClock.now - begin > configuration.heartbeat { backoff.reset() }
                rest(role, until: .now + backoff.next())
            }
        }
        connected.store(false, ordering: .relaxed)
        role.lost(RabbitError(.closed, "the connection to RabbitMQ was closed"))
        // What came last is told that there is no connection; nothing comes after it.
        while let work = takeWork(isLast: true) { for work in work { try? work(role, nil) } }
    }

    private func serve(_ role: Role, _ channel: RabbitChannel) throws(RabbitError) {
        while true {
            // Asked first: what was handed in before the stop is still done.
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
            let deadline = try role.deadline()
            guard budget > 0 else { continue }
            let limit = ContinuousClock.now + configuration.heartbeat / 3
            wakeUp.wait(until: min(deadline ?? limit, limit), or: channel.descriptor)
        }
    }

    private func work(_ role: Role, _ channel: RabbitChannel) throws(RabbitError) {
        guard let work = takeWork() else { return }
        for index in work.indices {
            do throws(RabbitError) {
                try work[index](role, channel)
            } catch {
                // The others are told that the connection is lost.
                state.withLock { $0.work.insert(contentsOf: work[(index + 1)...], at: 0) }
                throw error
            }
        }
    }

    /// Tells those who come meanwhile that there is no connection.
    private func rest(_ role: Role, until end: ContinuousClock.Instant) {
        repeat {
            for work in takeWork() ?? [] { try? work(role, nil) }
            guard ContinuousClock.now < end, !isStopping else { return }
            wakeUp.wait(until: end, or: nil)
        } while true
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

/// Wakes a thread that waits for a socket.
final class WakeUp: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let status = unsafe pipe(&ends)
        precondition(status == 0, "the system gives no pipe")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = unsafe write(writeEnd, &byte, 1)
    }

    /// Waits for a signal, for bytes from `descriptor`, or for the time.
    func wait(until end: ContinuousClock.Instant, or descriptor: Int32?) {
        let left = max(.zero, end - .now).components
        let milliseconds = Int32(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
        var watched = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
        if let descriptor { watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
        _ = unsafe poll(&watched, nfds_t(watched.count), milliseconds)
        guard watched[0].revents != 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 256)
        while unsafe read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
