import Core
import EventLoop

/// A connection to the server that is opened again whenever it is lost: the socket and the timers around `Reconnection`,
/// which decides when to connect, and `RedisCommandQueue`, which decides what becomes of commands. Belongs to its loop.
///
/// Commands are sent in the order in which they were handed in, without waiting for each other's answers. While the first
/// attempt after a loss is still being made they wait (bounded by the timeouts). Once one has failed, or the server has let
/// an answer wait too long, they're refused at once until it answers the greeting again: a caller waits only once for a server that hangs.
final class RedisLink {
    typealias Completion = (Result<RedisReply, RedisError>) -> Void

    /// What is open now.
    private enum Transport {
        case none
        case dialing(abandon: () -> Void)
        /// Connected; until the greeting is answered, `reconnection` still counts it as an attempt.
        case connected(Connection, ReplyReader)
        /// Until the next attempt.
        case pausing(LoopTimer)
    }

    let configuration: RedisConfiguration
    /// Each time the connection is ready; commands handed in from here precede those that wait.
    var onReady: (() -> Void)?
    /// Each time a ready connection was lost, or another attempt failed.
    var onLost: ((RedisError) -> Void)?
    /// A message of a channel, which answers no command.
    var onMessage: ((_ channel: String, _ payload: [UInt8]) -> Void)?

    private let loop: EventLoop
    private let log: Log
    private var reconnection: Reconnection
    private var commands: RedisCommandQueue<Completion?>
    private var transport = Transport.none
    private var lastReceived = Duration.zero
    private var supervision: LoopTimer?

    init(_ configuration: RedisConfiguration, loop: EventLoop, log: Log) {
        loop.preconditionCurrent()
        self.configuration = configuration
        self.loop = loop
        self.log = log
        reconnection = Reconnection(
            configuration.backoff, provenAfter: configuration.heartbeat, retriesLossAtOnce: true)
        commands = RedisCommandQueue(configuration)
    }

    deinit { close() }

    /// The first attempt to connect.
    func start() {
        guard reconnection.started() == .connect else { return }
        // Often enough that an answer is overdue by little when that's noticed.
        let interval = min(.seconds(1), max(.milliseconds(50), configuration.commandTimeout / 4))
        supervision = loop.schedule(after: interval, repeating: interval) { [weak self] in self?.supervise() }
        connect(isHopeful: true)
    }

    /// Ends everything; what waits fails.
    func close() {
        guard reconnection.state != .stopped else { return }
        _ = reconnection.stopped()
        release()
        supervision?.cancel()
        supervision = nil
        for completion in commands.closed() { completion?(.failure(.closed)) }
    }

    /// Gives this connection up for another one, after a while.
    func reconnect(because error: RedisError) { lose(error) }

    private var isReady: Bool { if case .open = reconnection.state { true } else { false } }

    // MARK: Commands

    /// - Parameter completion: is called once, perhaps before this returns.
    func send(_ command: RedisCommand, _ completion: Completion?) {
        let buffered = if case .connected(let connection, _) = transport { connection.queuedBytes } else { 0 }
        switch commands.submitted(command, completion, bufferedBytes: buffered, at: loop.now) {
        case .held: break
        case .queued(let isFirst): if isFirst { flushAtEndOfTurn() }
        case .refused(let error, let completion): completion?(.failure(error))
        }
    }

    private func sendFirst(_ command: RedisCommand, _ completion: Completion?) {
        if commands.send(command, completion, at: loop.now) { flushAtEndOfTurn() }
    }

    /// One call of the system for all commands of a turn.
    private func flushAtEndOfTurn() {
        loop.atEndOfTurn { [weak self] in
            guard let self else { return }
            let frames = commands.takeOutput()
            if case .connected(let connection, _) = transport, !frames.isEmpty { connection.write(frames) }
        }
    }

    // MARK: The connection

    private func connect(isHopeful: Bool) {
        commands.connecting(isHopeful: isHopeful)
        let abandon = Connector.connect(
            host: configuration.host, port: configuration.port, tls: configuration.tls,
            timeout: configuration.connectTimeout,
            on: loop
        ) { [weak self] result in
            guard let self, case .dialing = transport else {
                if case .success(let connection) = result { connection.abort() }
                return
            }
            switch result {
            case .success(let connection): greet(connection)
            case .failure(let error):
                lose(
                    RedisError(
                        .unavailable, "Redis can't be reached at \(configuration.address): \(Self.reason(error))"))
            }
        }
        transport = .dialing(abandon: abandon)
    }

    private func greet(_ connection: Connection) {
        connection.maximumQueuedBytes = configuration.waitingBytes * 2
        transport = .connected(connection, ReplyReader(limit: configuration.replyLimit))
        connection.handler = Handler(self)
        lastReceived = loop.now
        let greeting = configuration.greeting
        for (index, command) in greeting.enumerated() {
            sendFirst(command) { [weak self] result in
                guard let self, case .connecting = reconnection.state else { return }
                switch result {
                case .success(.error(let text)):
                    lose(RedisError(.unavailable, "Redis at \(configuration.address) refuses \(command.name): \(text)"))
                case .success where index == greeting.count - 1: becomeReady()
                case .success, .failure: break
                }
            }
        }
    }

    private func becomeReady() {
        guard case .use(let endsOutage) = reconnection.opened(at: loop.now) else { return }
        if endsOutage { log.info("connected to Redis again", ["address": configuration.address]) }
        let held = commands.opened()
        onReady?()
        for (command, completion) in held { send(command, completion) }
    }

    fileprivate func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        do {
            guard let reader = reader(of: connection) else { return }
            lastReceived = loop.now
            try unsafe reader.append(bytes)
            // A reply may end the connection, whose remaining ones then count for nothing.
            while self.reader(of: connection) === reader, let reply = try reader.next() { received(reply) }
        } catch {
            lose(error)
        }
    }

    private func received(_ reply: RedisReply) {
        if case .array(let parts) = reply, parts.count == 3, parts[0].text == "message", let onMessage,
            let channel = parts[1].text, case .bytes(let payload) = parts[2]
        {
            return onMessage(channel, payload)
        }
        guard let completion = commands.answered() else {
            return lose(RedisError(.unexpected, "Redis answered what it wasn't asked"))
        }
        completion?(.success(reply))
    }

    fileprivate func closed(_ connection: Connection, _ error: (any CodedError)?) {
        guard reader(of: connection) != nil else { return }
        lose(
            RedisError(
                .unavailable, "the connection to Redis was lost: \(error.map(Self.reason) ?? "the server closed it")"))
    }

    private func reader(of connection: Connection) -> ReplyReader? {
        if case .connected(let current, let reader) = transport, current === connection { reader } else { nil }
    }

    /// The connection or the attempt has ended: everything that waits fails, and another attempt follows.
    private func lose(_ error: RedisError, isSilent: Bool = false) {
        let wasReady = isReady
        let action = wasReady ? reconnection.lost(at: loop.now) : reconnection.failed()
        guard case .wait(let pause, let beginsOutage) = action else { return }
        release()
        transport = .pausing(
            loop.schedule(after: pause) { [weak self] in
                guard let self, reconnection.timerFired() == .connect else { return }
                connect(isHopeful: wasReady && !isSilent)
            })
        let failed = commands.lost()
        if beginsOutage {
            log.warning(
                "Redis is not available, trying again", ["address": configuration.address, "error": error.message])
        }
        onLost?(error)
        for completion in failed { completion?(.failure(RedisError(.unavailable, error.message))) }
    }

    /// Closes the transport; its later callbacks are ignored.
    private func release() {
        let old = transport
        transport = .none
        switch old {
        case .none: break
        case .dialing(let abandon): abandon()
        case .connected(let connection, _):
            connection.handler = nil
            connection.abort()
        case .pausing(let timer): timer.cancel()
        }
    }

    /// A connection on which an answer is overdue is given up; a silent one is asked for a sign of life.
    private func supervise() {
        let now = loop.now
        if commands.isOverdue(at: now) {
            let message = "Redis at \(configuration.address) has not answered for \(configuration.commandTimeout)"
            return lose(RedisError(.unavailable, message), isSilent: true)
        }
        if isReady, commands.isIdle, now - lastReceived >= configuration.heartbeat {
            sendFirst(RedisCommand("PING"), nil)
        }
    }

    private static func reason(_ error: any Error) -> String { (error as? any CodedError)?.message ?? "\(error)" }

    /// Connections hold their handlers; this one doesn't hold the link.
    private final class Handler: ConnectionHandler {
        weak var link: RedisLink?
        init(_ link: RedisLink) { self.link = link }

        func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
            unsafe link?.received(bytes, on: connection)
        }
        func closed(on connection: Connection, error: (any CodedError)?) { link?.closed(connection, error) }
    }
}
