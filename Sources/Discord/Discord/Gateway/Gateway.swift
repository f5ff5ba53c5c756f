package import Core
package import EventLoop
import FoundationEssentials
import Synchronization
import Web
import Wire

/// Keeps a bot connected to Discord's gateway: a `GatewaySession` with a WebSocket, a clock and a handler.
///
/// Events reach the handler one after another, in Discord's order. While `backlog` events wait for it, nothing more is read
/// from the connection; a handler that stands still for longer than two heartbeats costs the connection, which is then
/// resumed without loss.
package final class Gateway: Service {
    package let name = "discord gateway"

    /// What reaches the handler, in this order.
    package enum Delivery: Hashable, Sendable {
        case event(GatewayEvent)
        /// Discord acknowledged a heartbeat: everything up to here was received.
        case acknowledged
    }

    enum Input: Sendable {
        case gateway(Result<GatewayBot, DiscordError>)
        case connected(WebSocketChannel, generation: Int)
        case connectFailed(String, generation: Int)
        case message(GatewayMessage, generation: Int)
        case lost(Int?, generation: Int)
        case alarm
        case command(GatewayCommand)
        case stop
    }

    private let configuration: GatewaySession.Configuration
    private let rest: RESTClient
    let group: EventLoopGroup
    private let timeline: Timeline
    let log: Log
    private let handler: @Sendable (Delivery, Gateway) async -> Void
    let events: BoundedQueue<Delivery>
    private let inputs: AsyncStream<Input>
    let feed: AsyncStream<Input>.Continuation
    private let phaseNow = Mutex(GatewaySession.Phase.idle)
    private let dispatched: Counter
    let reconnects: Counter
    private let malformed: Counter
    let latency: Histogram

    /// - Parameters:
    ///   - rest: asked for the gateway's address.
    ///   - backlog: how many events may wait for the handler.
    ///   - handler: called with one delivery at a time, and with the gateway, to send commands.
    package init(
        _ configuration: GatewaySession.Configuration, rest: RESTClient, group: EventLoopGroup,
        timeline: Timeline = .continuous, backlog: Int = 1024, log: Log = .none, metrics: Metrics = Metrics(),
        handler: @escaping @Sendable (Delivery, Gateway) async -> Void
    ) {
        self.configuration = configuration
        self.rest = rest
        self.group = group
        self.timeline = timeline
        self.log = log
        self.handler = handler
        let events = BoundedQueue<Delivery>(limit: backlog)
        self.events = events
        // Bounded by its producers: the reader waits for the handler, the rest puts in one thing at a time.
        (inputs, feed) = AsyncStream.makeStream()
        dispatched = metrics.counter("tandem_gateway_events_total", help: "Events received from Discord.")
        reconnects = metrics.counter("tandem_gateway_disconnects_total", help: "Gateway connections that ended.")
        malformed = metrics.counter("tandem_gateway_malformed_total", help: "Events that were not as documented.")
        latency = metrics.histogram("tandem_gateway_latency_seconds", help: "From a heartbeat to its acknowledgement.")
        metrics.gauge("tandem_gateway_backlog", help: "Events that wait to be handled.") { events.count }
    }

    /// What the session is doing now.
    package var phase: GatewaySession.Phase { phaseNow.withLock { $0 } }

    /// Sends a command as soon as the session is ready and Discord's limit allows. Commands that find a full queue are
    /// dropped, with a word in the log.
    package func send(_ command: GatewayCommand) { feed.yield(.command(command)) }

    /// Works until cancelled; then says goodbye, so that the bot is shown offline at once. May be called once.
    ///
    /// - Throws: `GatewayError` when only a person can help, such as with a wrong token.
    package func run() async throws {
        let events = events
        try await withThrowingTaskGroup { group in
            group.addTask {
                while let delivery = await events.next() { await self.handler(delivery, self) }
            }
            group.addTask {
                defer { events.finish() }
                try await withTaskCancellationHandler {
                    try await self.work()
                } onCancel: {
                    self.feed.yield(.stop)
                }
            }
            try await group.waitForAll()
        }
    }

    private func work() async throws {
        var shell = Shell(session: GatewaySession(configuration))
        defer { shell.end() }
        if Task.isCancelled { return }
        try await carryOut(shell.session.started(), &shell)
        for await input in inputs {
            try await take(input, &shell)
            let phase = shell.session.phase
            phaseNow.withLock { $0 = phase }
            if phase == .stopped { return }
        }
    }

    /// What belongs to one run.
    struct Shell {
        var session: GatewaySession
        var randomness = SystemRandomNumberGenerator()
        var connection: Connection?
        var generation = 0
        var deadlines: [GatewaySession.Timer: Duration] = [:]
        var alarm: (at: Duration, task: Task<Void, Never>)?
        var lookup: Task<Void, Never>?

        mutating func end() {
            alarm?.task.cancel()
            lookup?.cancel()
            connection?.reader.cancel()
            connection?.out?.finish()
        }
    }

    /// One socket: a task that opens and reads it and, once it is open, one that writes.
    struct Connection {
        let reader: Task<Void, Never>
        var channel: WebSocketChannel?
        var out: AsyncStream<String>.Continuation?
    }

    // MARK: - Events in

    private func take(_ input: Input, _ shell: inout Shell) async throws {
        let now = timeline.now
        switch input {
        case .gateway(.success(let gateway)):
            try await carryOut(shell.session.gatewayFound(gateway, at: now), &shell)
        case .gateway(.failure(let error)):
            log.warning("the gateway's address is not to be had", ["reason": error.message])
            try await carryOut(
                shell.session.gatewayNotFound(isFatal: error.status == 401, at: now, using: &shell.randomness), &shell)
        case .connected(let channel, let generation):
            guard generation == shell.generation else { return channel.abort() }
            shell.connection?.channel = channel
            shell.connection?.out = startWriting(to: channel)
            try await carryOut(shell.session.connected(at: now), &shell)
        case .connectFailed(let reason, let generation):
            guard generation == shell.generation else { return }
            log.warning("the gateway can't be reached", ["reason": reason])
            shell.connection = nil
            try await carryOut(shell.session.connectFailed(at: now, using: &shell.randomness), &shell)
        case .message(let message, let generation):
            guard generation == shell.generation else { return }
            try await carryOut(shell.session.received(message, at: now, using: &shell.randomness), &shell)
        case .lost(let code, let generation):
            guard generation == shell.generation else { return }
            shell.connection?.out?.finish()
            shell.connection = nil
            try await carryOut(shell.session.disconnected(code: code, at: now, using: &shell.randomness), &shell)
        case .alarm:
            shell.alarm = nil
            // Never before its time, even if the clock's sleep was a little short.
            let due = shell.deadlines.filter { $0.value <= now }.sorted { $0.value < $1.value }.map(\.key)
            for timer in due {
                shell.deadlines[timer] = nil
                try await carryOut(shell.session.fired(timer, at: now, using: &shell.randomness), &shell)
            }
            setAlarm(&shell)
        case .command(let command):
            do {
                try await carryOut(shell.session.requested(command, at: now), &shell)
            } catch let error as GatewayError where error == .tooManyCommands {
                log.error("a command to the gateway is dropped", ["op": String(command.op), "reason": error.message])
            }
        case .stop:
            try await carryOut(shell.session.stopped(), &shell)
        }
    }

    // MARK: - Actions out

    private func carryOut(_ actions: [GatewaySession.Action], _ shell: inout Shell) async throws {
        for action in actions {
            switch action {
            case .findGateway:
                shell.lookup = Task { [rest, feed] in
                    do {
                        feed.yield(.gateway(.success(try await rest.gatewayBot())))
                    } catch let error as DiscordError {
                        feed.yield(.gateway(.failure(error)))
                    } catch {
                        // Cancelled: nobody waits for the answer.
                    }
                }
            case .connect(let url): connect(to: url, &shell)
            case .send(let command): send(command, on: shell.connection)
            case .dispatch(let event):
                dispatched.increment()
                if case .malformed(let name, let reason) = event {
                    malformed.increment()
                    log.warning("an event is not as documented", ["event": name, "reason": reason])
                }
                events.put(.event(event))
            case .close(let code): await close(code, &shell)
            case .arm(let timer, let moment):
                shell.deadlines[timer] = moment
                setAlarm(&shell)
            case .disarm(let timer):
                shell.deadlines[timer] = nil
            case .fail(let error): throw error
            case .note(let note): report(note)
            }
        }
    }

    private func setAlarm(_ shell: inout Shell) {
        let earliest = shell.deadlines.values.min()
        if let alarm = shell.alarm, let earliest, alarm.at <= earliest { return }
        shell.alarm?.task.cancel()
        shell.alarm = earliest.map { moment in
            let task = Task { [timeline, feed] in
                if (try? await timeline.sleep(until: moment)) != nil { feed.yield(.alarm) }
            }
            return (moment, task)
        }
    }
}
