package import Core
package import EventLoop
import FoundationEssentials
import Synchronization

/// Keeps a bot connected to Discord's gateway: a `GatewaySession` with a WebSocket, a time source and a handler.
///
/// Events reach the handler one at a time, in Discord's order except that interactions overtake (`EventSchedule`). While
/// `backlog` events wait for it, nothing more is read from the connection; when that lasts for two heartbeats it costs the
/// connection, which is then resumed without loss.
package final class Gateway: Service {
    package let name = "discord gateway"

    private enum Input: Sendable {
        case gateway(Result<GatewayBot, DiscordError>)
        case turn(IdentifyTurn)
        case connection(GatewayConnection, GatewayConnection.Event)
        case alarm
        case command(GatewayCommand)
        case stop
    }

    private let configuration: GatewaySession.Configuration
    private let lookup: GatewayLookup
    private let identifyTurns: IdentifyTurns
    private let group: EventLoopGroup
    private let time: TimeSource
    private let report: GatewayReport
    private let handler: @Sendable (GatewayDelivery, Gateway) async -> Void
    private let events: EventQueue
    /// What happens, for the session. When it is full, commands are refused and the connection isn't read; the rest is one
    /// input at a time from each source.
    private let inputs = BoundedQueue<Input>(limit: 4096)
    /// Requests for the gateway's address.
    private let lookups = BoundedQueue<Void>(limit: 1)
    /// Requests for a turn to identify, by bucket.
    private let turns = BoundedQueue<Int>(limit: 1)
    private let currentPhase = Mutex(GatewaySession.Phase.idle)

    /// - Parameters:
    ///   - lookup: asked for the gateway's address.
    ///   - identifyTurns: has the shards of a bot identify one after the other, in whatever processes they are.
    ///   - backlog: how many events may wait for the handler: all guilds of a shard, and more.
    ///   - handler: called with one delivery at a time, and with the gateway, to send commands.
    package init(
        _ configuration: GatewaySession.Configuration, lookup: GatewayLookup, group: EventLoopGroup,
        identifyTurns: @escaping IdentifyTurns = { _, body in await body() }, time: TimeSource = .system,
        backlog: Int = 4096, log: Log = .none, metrics: Metrics = Metrics(),
        handler: @escaping @Sendable (GatewayDelivery, Gateway) async -> Void
    ) {
        self.configuration = configuration
        self.lookup = lookup
        self.identifyTurns = identifyTurns
        self.group = group
        self.time = time
        self.handler = handler
        let shard = String(configuration.shard?.number ?? 0)
        report = GatewayReport(log: log, metrics: metrics, shard: shard)
        let events = EventQueue(limit: backlog)
        self.events = events
        metrics.gauge(
            "tandem_gateway_backlog", help: "Events that wait to be handled.", labels: ["shard": shard]
        ) { events.count }
    }

    /// What the session is doing now.
    package var phase: GatewaySession.Phase { currentPhase.withLock { $0 } }

    /// Sends a command as soon as the session is ready and Discord's limit allows it.
    ///
    /// A command that finds too many waiting for Discord's limit is dropped, and logged.
    ///
    /// - Throws: `GatewayError` with code `gateway_queue_full` when the session doesn't keep up with what is sent.
    package func send(_ command: GatewayCommand) throws(GatewayError) {
        guard inputs.offer(.command(command)) || phase == .stopped else { throw .tooManyCommands }
    }

    /// Keeps the bot connected until the task is cancelled; then ends the session, so that Discord shows the bot offline at
    /// once. May be called once.
    ///
    /// - Throws: `GatewayError` when the configuration must be changed, such as a wrong token.
    package func run() async throws {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                while let delivery = await self.events.next() { await self.handler(delivery, self) }
            }
            tasks.addTask { await self.lookUp() }
            tasks.addTask { await self.takeTurns() }
            tasks.addTask {
                // Cancellation asks the session to stop: it has to close its connection first.
                try await withTaskCancellationHandler {
                    try await uncancelled { await self.outcome() }.get()
                } onCancel: {
                    self.inputs.put(.stop)
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func lookUp() async {
        while await lookups.next() != nil {
            do {
                inputs.put(.gateway(.success(try await lookup.gateway())))
            } catch let error as DiscordError {
                inputs.put(.gateway(.failure(error)))
            } catch {
                // Cancelled: the session is stopping.
            }
        }
    }

    private func takeTurns() async {
        while let bucket = await turns.next() {
            let inputs = inputs
            let time = time
            do {
                try await identifyTurns(bucket) {
                    let turn = IdentifyTurn()
                    inputs.put(.turn(turn))
                    await turn.wait(time: time)
                }
            } catch {
                // Without agreement with the other shards, Discord decides.
                if !Task.isCancelled { inputs.put(.turn(IdentifyTurn())) }
            }
        }
    }

    private func outcome() async -> Result<Void, any Error> {
        do { return .success(try await work()) } catch { return .failure(error) }
    }

    // MARK: - The session

    /// The session and what belongs to it.
    private struct Run {
        var session: GatewaySession
        var randomness = SystemRandomNumberGenerator()
        var connection: GatewayConnection?
        /// While this shard may identify.
        var turn: IdentifyTurn?
        var deadlines: [GatewaySession.Timer: Duration] = [:]
        let alarm: Alarm

        mutating func endTurn(identified: Bool = false) {
            turn?.end(identified: identified)
            turn = nil
        }
    }

    private typealias Connections = ThrowingDiscardingTaskGroup<any Error>

    private func work() async throws {
        try await withThrowingDiscardingTaskGroup { connections in
            // Connections that wait for room go on, so that they can end.
            defer {
                inputs.finish()
                events.finish()
                lookups.finish()
                turns.finish()
            }
            let alarm = Alarm(time: time) { [inputs] in inputs.put(.alarm) }
            var run = Run(session: GatewaySession(configuration), alarm: alarm)
            try carryOut(run.session.started(), &run, &connections)
            while let input = await inputs.next() {
                try take(input, &run, &connections)
                run.alarm.set(run.deadlines.values.min())
                let phase = run.session.phase
                currentPhase.withLock { $0 = phase }
                if phase == .stopped { return }
            }
        }
    }

    private func take(_ input: Input, _ run: inout Run, _ connections: inout Connections) throws {
        let now = time.now
        var actions: [GatewaySession.Action] = []
        switch input {
        case .gateway(.success(let gateway)): actions = run.session.gatewayFound(gateway, at: now)
        case .gateway(.failure(let error)):
            report.gatewayNotFound(error)
            actions = run.session.gatewayNotFound(isFatal: error.status == 401, at: now, using: &run.randomness)
        case .turn(let turn):
            run.turn = turn
            actions = run.session.turnCame()
            if actions.isEmpty { run.endTurn() }
        case .connection(let connection, let event):
            guard connection === run.connection else { return }
            actions = take(event, at: now, &run)
        case .alarm:
            let due = run.deadlines.filter { $0.value <= now }.sorted { $0.value < $1.value }.map(\.key)
            for timer in due {
                run.deadlines[timer] = nil
                try carryOut(run.session.fired(timer, at: now, using: &run.randomness), &run, &connections)
            }
        case .command(let command):
            do {
                actions = try run.session.requested(command, at: now)
            } catch {
                report.dropped(command, error)
            }
        case .stop: actions = run.session.stopped()
        }
        try carryOut(actions, &run, &connections)
    }

    private func take(
        _ event: GatewayConnection.Event, at now: Duration, _ run: inout Run
    ) -> [GatewaySession.Action] {
        switch event {
        case .opened: return run.session.connected(at: now)
        case .failed(let reason):
            report.connectFailed(reason)
            run.connection = nil
            run.endTurn()
            return run.session.connectFailed(at: now, using: &run.randomness)
        case .received(let message): return run.session.received(message, at: now, using: &run.randomness)
        case .unreadable(let place):
            report.unreadable(place)
            return []
        case .lost(let code):
            run.connection = nil
            run.endTurn()
            return run.session.disconnected(code: code, at: now, using: &run.randomness)
        }
    }

    private func carryOut(
        _ actions: [GatewaySession.Action], _ run: inout Run, _ connections: inout Connections
    ) throws {
        for action in actions {
            switch action {
            case .findGateway: lookups.put(())
            case .takeTurn(let bucket): turns.put(bucket)
            case .connect(let url): run.connection = connect(to: url, &connections)
            case .send(let command):
                if case .identify = command { run.endTurn(identified: true) }
                guard let connection = run.connection, let text = text(of: command) else { continue }
                if !connection.send(text) {
                    // What follows is meant for the connection that is given up.
                    let actions = run.session.stalled(at: time.now, using: &run.randomness)
                    return try carryOut(actions, &run, &connections)
                }
            case .dispatch(let event):
                report.dispatched(event)
                if case .guildCreate(let create) = event {
                    events.put(.guilds([create]))
                } else {
                    events.put(.event(event))
                    if case .resumed = event { events.put(.acknowledged(at: time.milliseconds)) }
                }
            case .close(let code):
                run.connection?.close(code)
                run.connection = nil
                run.endTurn()
            case .arm(let timer, let moment): run.deadlines[timer] = moment
            case .disarm(let timer): run.deadlines[timer] = nil
            case .fail(let error): throw error
            case .note(let note):
                report.note(note)
                // As of the heartbeat, not of its acknowledgement, which may have waited in the socket.
                if case .latency(let latency) = note {
                    events.put(.acknowledged(at: time.milliseconds - latency.milliseconds))
                }
            }
        }
    }

    private func connect(to url: String, _ connections: inout Connections) -> GatewayConnection {
        let connection = GatewayConnection(url: url)
        connections.addTask { [group, inputs, events] in
            await connection.run(group: group) { event in
                inputs.put(.connection(connection, event))
                await inputs.room()
                await events.room()
            }
        }
        return connection
    }

    private func text(of command: GatewayCommand) -> String? {
        guard let data = try? JSONEncoder.discord.encode(command) else { return nil }
        guard data.count <= 4096 else {
            // Discord would close the connection with 4002.
            report.dropped(command, .commandTooBig)
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }
}
