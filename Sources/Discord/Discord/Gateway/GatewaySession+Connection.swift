import Core

/// How the session connects, what it does while it is connected, and how it leaves a connection.
extension GatewaySession {
    // MARK: - Connecting and leaving

    var isConnected: Bool {
        switch state {
        case .greeting, .open: true
        case .idle, .findingGateway, .queueing, .waiting, .connecting, .stopped: false
        }
    }

    mutating func findOrConnect() -> [Action] {
        if let resumable { return connect(to: resumable.url) }
        state = .findingGateway
        return [.findGateway]
    }

    mutating func connect(to url: String) -> [Action] {
        state = .connecting
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        return [.connect(url: base + "/?v=10&encoding=json&compress=zlib-stream")]
    }

    mutating func reconnect(after wait: Duration, at now: Duration) -> [Action] {
        if wait == .zero { return findOrConnect() }
        state = .waiting
        return [.arm(.connect, at: now + wait)]
    }

    /// A session that was ready is resumed at once, since events wait for it; anything else may fail again.
    mutating func waitAfterLoss(using generator: inout some RandomNumberGenerator) -> Duration {
        phase == .ready && resumable != nil ? .zero : backoff.next(using: &generator)
    }

    /// Closes the connection, if there is one; the caller then sets the next state.
    func leave(_ code: GatewayCloseCode) -> [Action] {
        switch state {
        case .connecting, .greeting, .open: [.close(code)] + disarmConnectionTimers
        case .idle, .findingGateway, .queueing, .waiting, .stopped: []
        }
    }

    mutating func leaveToResume(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        let wait = waitAfterLoss(using: &generator)
        return leave(.resuming) + reconnect(after: wait, at: now)
    }

    var disarmConnectionTimers: [Action] { [.disarm(.heartbeat), .disarm(.answerTimeout), .disarm(.budget)] }

    /// A connection to the host that keeps the session failed. That host may be gone for good, or may have lost the session
    /// without sending an invalid session.
    mutating func resumeFailed() {
        guard var resumable else { return }
        resumable.failedResumes += 1
        self.resumable = resumable.failedResumes < 5 ? resumable : nil
    }

    mutating func fail(_ error: GatewayError) -> [Action] {
        state = .stopped
        return disarmConnectionTimers + [.disarm(.connect), .fail(error)]
    }

    // MARK: - While connected

    mutating func greeted(
        _ interval: Duration, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard case .greeting = state else { return [] }
        let heartbeats = Heartbeats(interval: max(.milliseconds(100), min(interval, .seconds(3600))))
        // Bots that restart together must not send heartbeats together.
        let first = now + heartbeats.interval * Double.random(in: 0..<1, using: &generator)
        budget.recordUrgent(at: now)
        let opening: GatewayCommand
        if let resumable {
            state = .open(.resuming, heartbeats)
            opening = .resume(
                Resume(token: Token(configuration.token), sessionID: resumable.id, seq: resumable.sequence))
        } else {
            state = .open(.identifying, heartbeats)
            opening = .identify(
                Identify(
                    token: Token(configuration.token),
                    properties: IdentifyProperties(os: "linux", browser: "tandem", device: "tandem"), compress: false,
                    largeThreshold: 250, shard: configuration.shard.map { [$0.number, $0.count] },
                    intents: configuration.intents))
        }
        return [
            .arm(.heartbeat, at: first), .send(opening), .arm(.answerTimeout, at: now + configuration.answerTimeout),
        ]
    }

    mutating func dispatched(_ event: GatewayEvent, _ number: Int, at now: Duration) -> [Action] {
        if let resumable { self.resumable?.sequence = max(resumable.sequence, number) }
        var actions: [Action] = []
        switch event {
        case .ready(let ready):
            resumable = Resumable(id: ready.sessionID, url: ready.resumeGatewayURL, sequence: number)
            actions = becomeReady(.ready(guilds: ready.guilds.count))
        case .resumed: actions = becomeReady(.resumed)
        default: break
        }
        return actions + [.dispatch(event)] + sendCommands(at: now)
    }

    private mutating func becomeReady(_ note: Note) -> [Action] {
        if case .open(_, let heartbeats) = state { state = .open(.ready, heartbeats) }
        resumable?.failedResumes = 0
        backoff.reset()
        return [.disarm(.answerTimeout), .note(note)]
    }

    mutating func heartbeatDue(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard case .open(let stage, var heartbeats) = state else { return [] }
        guard heartbeats.isAcknowledged else {
            return [.note(.zombie)] + leaveToResume(at: now, using: &generator)
        }
        heartbeats.isAcknowledged = false
        state = .open(stage, heartbeats)
        return sendHeartbeat(at: now) + [.arm(.heartbeat, at: now + heartbeats.interval)]
    }

    mutating func sendHeartbeat(at now: Duration) -> [Action] {
        guard case .open(let stage, var heartbeats) = state else { return [] }
        heartbeats.lastSent = now
        state = .open(stage, heartbeats)
        budget.recordUrgent(at: now)
        return [.send(.heartbeat(resumable?.sequence))]
    }

    mutating func acknowledged(at now: Duration) -> [Action] {
        guard case .open(let stage, var heartbeats) = state, let lastSent = heartbeats.lastSent else { return [] }
        heartbeats.isAcknowledged = true
        state = .open(stage, heartbeats)
        return [.note(.latency(now - lastSent))]
    }

    mutating func sendCommands(at now: Duration) -> [Action] {
        guard case .open(.ready, _) = state else { return [] }
        let (commands, next) = budget.due(at: now)
        return commands.map { .send($0) } + [next.map { .arm(.budget, at: $0) } ?? .disarm(.budget)]
    }
}

extension GatewayCloseCode.Remedy {
    /// A connection that was lost without a close code can be resumed.
    init(closedWith code: Int?) { self = code.map { GatewayCloseCode(rawValue: $0).remedy } ?? .resume }
}
