import Core
import EventLoop

/// A connection to the server that is opened again whenever it is lost. Belongs to its loop.
///
/// Commands are sent in the order in which they were handed in, without waiting for each other's answers. While the first
/// attempt after a loss is still being made they wait (bounded by the timeouts). Once one has failed, or the server has let
/// an answer wait too long, they're refused at once until it greets us again: who asks a server that hangs waits once.
final class RedisLink {
    typealias Completion = (Result<RedisReply, RedisError>) -> Void

    private enum State {
        /// Nothing is attempted before this time has passed.
        case waiting(LoopTimer?)
        case connecting(giveUp: () -> Void)
        /// Connected; the greeting's answers are awaited.
        case greeting(Connection, ReplyReader)
        case ready(Connection, ReplyReader)
        case closed
    }

    private struct Pending {
        let completion: Completion?
        let deadline: UInt64
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
    private var state = State.waiting(nil)
    /// Commands that have been sent and not been answered, the oldest first.
    private var pending = Queue<Pending>()
    /// Commands that came while connecting.
    private var early: [(RedisCommand, Completion?)] = []
    private var output: [[UInt8]] = []
    private var outputBytes = 0
    private var backoff: Backoff
    private var lastReceived: UInt64 = 0
    private var readySince: UInt64 = 0
    private var supervision: LoopTimer?
    private var hasWarned = false
    /// Nobody waits for the attempt that is being made.
    private var isDoubtful = false

    init(_ configuration: RedisConfiguration, loop: EventLoop, log: Log) {
        loop.preconditionCurrent()
        self.configuration = configuration
        self.loop = loop
        self.log = log
        backoff = configuration.backoff
    }

    deinit { close() }

    /// The first attempt to connect.
    func start() {
        guard case .waiting(nil) = state else { return }
        // Often enough that an answer is overdue by little when that's noticed.
        let interval = min(.seconds(1), max(.milliseconds(50), configuration.commandTimeout / 4))
        supervision = loop.schedule(after: interval, repeating: interval) { [weak self] in self?.supervise() }
        connect()
    }

    /// Ends everything; what waits fails.
    func close() {
        lose(RedisError(.closed, "the connection to Redis was closed"), isFinal: true)
    }

    /// Gives this connection up for another one, after a while.
    func reconnect(because error: RedisError) { lose(error) }

    // MARK: Commands

    /// - Parameter completion: is called once, perhaps before this returns.
    func send(_ command: RedisCommand, _ completion: Completion?) {
        switch state {
        case .ready:
            if let refusal = refusal(of: command) {
                completion?(.failure(refusal))
                return
            }
            enqueue(command, completion)
        case .connecting where !isDoubtful, .greeting where !isDoubtful:
            if let refusal = refusal(of: command) {
                completion?(.failure(refusal))
                return
            }
            early.append((command, completion))
        case .waiting, .connecting, .greeting:
            completion?(.failure(RedisError(.unavailable, "Redis can't be reached at \(configuration.address) now")))
        case .closed:
            completion?(.failure(RedisError(.closed, "the connection to Redis was closed")))
        }
    }

    private func refusal(of command: RedisCommand) -> RedisError? {
        let waiting = pending.count + early.count
        let queued = if case .ready(let connection, _) = state { connection.queuedBytes + outputBytes } else { 0 }
        guard waiting < configuration.waitingCommands,
            queued == 0 || queued + command.encoded.count <= configuration.waitingBytes
        else {
            return RedisError(.overloaded, "\(waiting) commands wait for Redis already; try again in a moment")
        }
        return nil
    }

    private func enqueue(_ command: RedisCommand, _ completion: Completion?) {
        pending.append(
            Pending(completion: completion, deadline: loop.nowMilliseconds + UInt64(clamping: configuration.commandTimeout.milliseconds)))
        if output.isEmpty { loop.atEndOfTurn { [weak self] in self?.flush() } }
        output.append(command.encoded)
        outputBytes += command.encoded.count
    }

    /// One call of the system for all commands of a turn.
    private func flush() {
        let frames = output
        output = []
        outputBytes = 0
        switch state {
        case .greeting(let connection, _), .ready(let connection, _):
            if !frames.isEmpty { connection.write(frames) }
        case .waiting, .connecting, .closed: break
        }
    }

    // MARK: The connection

    private func connect() {
        let giveUp = Connector.connect(
            host: configuration.host, port: configuration.port, tls: configuration.tls,
            timeout: configuration.connectTimeout,
            on: loop
        ) { [weak self] result in
            guard let self, case .connecting = state else {
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
        state = .connecting(giveUp: giveUp)
    }

    private func greet(_ connection: Connection) {
        connection.maximumQueuedBytes = configuration.waitingBytes * 2
        state = .greeting(connection, ReplyReader(limit: configuration.replyLimit))
        connection.handler = Handler(self)
        lastReceived = loop.nowMilliseconds
        let greeting = configuration.greeting
        for (index, command) in greeting.enumerated() {
            enqueue(command) { [weak self] result in
                guard let self, case .greeting(let connection, let reader) = state else { return }
                switch result {
                case .success(.error(let text)):
                    lose(RedisError(.unavailable, "Redis at \(configuration.address) refuses \(command.name): \(text)"))
                case .success where index == greeting.count - 1: becomeReady(connection, reader)
                case .success, .failure: break
                }
            }
        }
    }

    private func becomeReady(_ connection: Connection, _ reader: ReplyReader) {
        state = .ready(connection, reader)
        readySince = loop.nowMilliseconds
        if hasWarned { log.info("connected to Redis again", ["address": configuration.address]) }
        hasWarned = false
        isDoubtful = false
        onReady?()
        let commands = early
        early = []
        for (command, completion) in commands { send(command, completion) }
    }

    fileprivate func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
        do {
            guard let reader = reader(of: connection) else { return }
            lastReceived = loop.nowMilliseconds
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
        guard let command = pending.popFirst() else {
            return lose(RedisError(.unexpected, "Redis answered what it wasn't asked"))
        }
        command.completion?(.success(reply))
    }

    fileprivate func closed(_ connection: Connection, _ error: (any CodedError)?) {
        guard reader(of: connection) != nil else { return }
        lose(
            RedisError(
                .unavailable, "the connection to Redis was lost: \(error.map(Self.reason) ?? "the server closed it")"))
    }

    private func reader(of connection: Connection) -> ReplyReader? {
        switch state {
        case .greeting(let current, let reader), .ready(let current, let reader): current === connection ? reader : nil
        case .waiting, .connecting, .closed: nil
        }
    }

    /// Whatever has happened: everything that waits fails, and unless it's final, another attempt follows.
    private func lose(_ error: RedisError, isFinal: Bool = false) {
        let old = state
        switch old {
        case .closed: return
        case .waiting(let timer): timer?.cancel()
        case .connecting(let giveUp):
            // The state is another before anybody hears of it.
            state = .closed
            giveUp()
        case .greeting(let connection, _), .ready(let connection, _):
            state = .closed
            connection.handler = nil
            connection.abort()
        }
        let unanswered = pending.removeAll().map(\.completion) + early.map(\.1)
        early = []
        output = []
        outputBytes = 0
        if isFinal {
            state = .closed
            supervision?.cancel()
            supervision = nil
        } else {
            // After a connection that worked the first attempt comes at once, so that hardly anybody notices.
            let isFirst = if case .ready = old { backoff.attempt == 0 } else { false }
            if case .ready = old {} else { isDoubtful = true }
            let delay = backoff.next()
            let timer = loop.schedule(after: isFirst ? .zero : delay) { [weak self] in
                guard let self, case .waiting = state else { return }
                connect()
            }
            state = .waiting(timer)
            if !hasWarned {
                log.warning(
                    "Redis is not available, trying again", ["address": configuration.address, "error": error.message])
            }
            hasWarned = true
            onLost?(error)
        }
        let failure = isFinal ? error : RedisError(.unavailable, error.message)
        for completion in unanswered { completion?(.failure(failure)) }
    }

    /// A connection on which an answer is overdue is given up; a silent one is asked for a sign of life.
    private func supervise() {
        let now = loop.nowMilliseconds
        if let oldest = pending.first, oldest.deadline < now {
            isDoubtful = true
            return lose(
                RedisError(
                    .unavailable,
                    "Redis at \(configuration.address) has not answered for \(configuration.commandTimeout)"))
        }
        guard case .ready = state else { return }
        let heartbeat = UInt64(clamping: configuration.heartbeat.milliseconds)
        // It has proved good, not merely begun.
        if now - readySince >= heartbeat { backoff.reset() }
        if pending.isEmpty, now - lastReceived >= heartbeat { enqueue(RedisCommand("PING"), nil) }
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
