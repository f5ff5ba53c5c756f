package import Core

/// One bot's session on Discord's gateway: what to send, when to send heartbeats, when and how to reconnect. See Discord's
/// Gateway (events/gateway).
///
/// It reads no clock and has no socket: every event carries the time and returns the actions that the shell must take, in
/// order. After `.connect` comes `connected` or `connectFailed`. After `.close`, or when the connection is lost, that
/// connection has no more events.
package struct GatewaySession {
    /// How a bot identifies, and how long it waits.
    package struct Configuration: Sendable {
        package var token: Secret
        package var intents: Intents = [.guilds, .guildMembers, .guildVoiceStates]
        package var shard: Shard?
        package var backoff = Backoff(base: .seconds(1), limit: .seconds(60))
        /// How long Discord may take to send Hello, and to answer an Identify or Resume.
        package var answerTimeout = Duration.seconds(20)

        package init(token: Secret) { self.token = token }
    }

    /// The part of a bot's guilds that one connection serves. See Discord's Sharding (events/gateway#sharding).
    package struct Shard: Hashable, Sendable {
        package var number: Int
        package var count: Int

        package init(number: Int, count: Int) {
            precondition((0..<count).contains(number))
            self.number = number
            self.count = count
        }

        /// Whether it serves the guild.
        package func serves(_ guild: Snowflake) -> Bool { Int((guild.rawValue >> 22) % UInt64(count)) == number }
    }

    /// The timers that the shell keeps.
    package enum Timer: Hashable, Sendable, CaseIterable {
        /// The next heartbeat is due.
        case heartbeat
        /// It is time to connect, or to ask for the gateway's address again.
        case connect
        /// Discord has not sent Hello, or not answered an Identify or Resume, in time.
        case answerTimeout
        /// A waiting command may be sent.
        case budget
    }

    /// What the shell must do.
    package enum Action: Hashable, Sendable {
        /// Request `GET /gateway/bot`; then call `gatewayFound` or `gatewayNotFound`.
        case findGateway
        /// Wait until this shard may identify; then call `turnCame`. The turn is over when the session has identified, or
        /// when its next connection fails or is closed before that.
        case takeTurn(bucket: Int)
        case connect(url: String)
        case send(GatewayCommand)
        case dispatch(GatewayEvent)
        case close(GatewayCloseCode)
        /// Call `fired` with the timer at that time; replaces an earlier time.
        case arm(Timer, at: Duration)
        case disarm(Timer)
        /// Stop: nothing will work until the configuration is changed.
        case fail(GatewayError)
        case note(Note)
    }

    /// What is worth logging or counting.
    package enum Note: Hashable, Sendable {
        case disconnected(code: Int?, resuming: Bool)
        case connectFailed
        /// Discord no longer acknowledges heartbeats.
        case zombie
        /// The socket no longer takes what is sent.
        case stalled
        case invalidSession(resumable: Bool)
        case askedToReconnect
        case outOfSessions(resetAfter: Duration)
        /// The time from a heartbeat to its acknowledgement.
        case latency(Duration)
        case ready(guilds: Int)
        case resumed
    }

    /// What the session is doing, for status pages.
    package enum Phase: Hashable, Sendable {
        case idle, findingGateway, queueing, waiting, connecting, greeting, identifying, resuming, ready, stopped
    }

    /// What the session is doing, with what it needs for that.
    enum State {
        case idle
        case findingGateway
        /// Until this shard may identify, at that address.
        case queueing(url: String)
        /// Until the timer `connect` fires.
        case waiting
        case connecting
        /// Connected; Hello has not arrived yet.
        case greeting
        /// Identify or Resume has been sent, and heartbeats are.
        case open(Stage, Heartbeats)
        case stopped
    }

    /// How far an open connection is.
    enum Stage {
        case identifying, resuming, ready
    }

    struct Heartbeats {
        let interval: Duration
        var lastSent: Duration?
        /// Whether an acknowledgement came since the last heartbeat that was due.
        var isAcknowledged = true
    }

    /// A session that Discord keeps for us, on a host of its own.
    struct Resumable {
        let id: String
        let url: String
        /// The last sequence number received.
        var sequence: Int
        var failedResumes = 0
    }

    let configuration: Configuration
    var state = State.idle
    var resumable: Resumable?
    var budget = SendBudget()
    var backoff: Backoff

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        backoff = configuration.backoff
    }

    package var phase: Phase {
        switch state {
        case .idle: .idle
        case .findingGateway: .findingGateway
        case .queueing: .queueing
        case .waiting: .waiting
        case .connecting: .connecting
        case .greeting: .greeting
        case .open(.identifying, _): .identifying
        case .open(.resuming, _): .resuming
        case .open(.ready, _): .ready
        case .stopped: .stopped
        }
    }

    // MARK: - Events

    package mutating func started() -> [Action] {
        guard case .idle = state else { return [] }
        state = .findingGateway
        return [.findGateway]
    }

    /// `GET /gateway/bot` was answered.
    package mutating func gatewayFound(_ gateway: GatewayBot, at now: Duration) -> [Action] {
        guard case .findingGateway = state else { return [] }
        guard gateway.sessionStartLimit.remaining > 0 else {
            let wait: Duration = max(.seconds(1), .milliseconds(gateway.sessionStartLimit.resetAfter))
            state = .waiting
            return [.note(.outOfSessions(resetAfter: wait)), .arm(.connect, at: now + wait)]
        }
        state = .queueing(url: gateway.url)
        let number = configuration.shard?.number ?? 0
        return [.takeTurn(bucket: number % max(1, gateway.sessionStartLimit.maxConcurrency))]
    }

    /// This shard may identify.
    package mutating func turnCame() -> [Action] {
        guard case .queueing(let url) = state else { return [] }
        return connect(to: url)
    }

    /// `GET /gateway/bot` failed.
    ///
    /// - Parameter isFatal: whether Discord refused the token.
    package mutating func gatewayNotFound(
        isFatal: Bool, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard case .findingGateway = state else { return [] }
        if isFatal { return fail(.unauthorized) }
        return [.note(.connectFailed)] + reconnect(after: backoff.next(using: &generator), at: now)
    }

    package mutating func connected(at now: Duration) -> [Action] {
        guard case .connecting = state else { return [] }
        state = .greeting
        budget.connectionBegan()
        return [.arm(.answerTimeout, at: now + configuration.answerTimeout)]
    }

    package mutating func connectFailed(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard case .connecting = state else { return [] }
        resumeFailed()
        return [.note(.connectFailed), .disarm(.answerTimeout)]
            + reconnect(after: backoff.next(using: &generator), at: now)
    }

    package mutating func received(
        _ message: GatewayMessage, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard isConnected else { return [] }
        switch message {
        case .hello(let milliseconds): return greeted(.milliseconds(milliseconds), at: now, using: &generator)
        case .heartbeat: return sendHeartbeat(at: now)
        case .heartbeatAcknowledged: return acknowledged(at: now)
        case .reconnect: return [.note(.askedToReconnect)] + leaveToResume(at: now, using: &generator)
        case .invalidSession(let isResumable):
            if !isResumable { resumable = nil }
            let wait = Duration.seconds(Double.random(in: 1..<5, using: &generator))
            return [.note(.invalidSession(resumable: isResumable))] + leave(isResumable ? .resuming : .normal)
                + reconnect(after: wait, at: now)
        case .dispatch(let event, let number): return dispatched(event, number, at: now)
        case .unknown: return []
        }
    }

    /// The connection was closed by Discord, or lost.
    package mutating func disconnected(
        code: Int?, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard isConnected else { return [] }
        let remedy = GatewayCloseCode.Remedy(closedWith: code)
        if case .stop(let sentence) = remedy {
            return fail(.refused(GatewayCloseCode(rawValue: code ?? 0), sentence))
        }
        if remedy == .identify { resumable = nil } else if phase != .ready { resumeFailed() }
        let wait = waitAfterLoss(using: &generator)
        return [.note(.disconnected(code: code, resuming: resumable != nil))] + disarmConnectionTimers
            + reconnect(after: wait, at: now)
    }

    /// The socket has not taken so many of the texts sent that no more may wait for it.
    package mutating func stalled(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard isConnected else { return [] }
        return [.note(.stalled)] + leaveToResume(at: now, using: &generator)
    }

    /// The time of a timer has come.
    package mutating func fired(
        _ timer: Timer, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch (timer, state) {
        case (.connect, .waiting): return findOrConnect()
        case (.heartbeat, .open): return heartbeatDue(at: now, using: &generator)
        case (.answerTimeout, .greeting), (.answerTimeout, .open(.identifying, _)),
            (.answerTimeout, .open(.resuming, _)):
            resumeFailed()
            return [.note(.disconnected(code: nil, resuming: resumable != nil))] + leave(.resuming)
                + reconnect(after: backoff.next(using: &generator), at: now)
        case (.budget, .open(.ready, _)): return sendCommands(at: now)
        default: return []
        }
    }

    /// Sends a command once the session is ready and Discord's limit allows it.
    ///
    /// - Throws: `GatewayError` with code `gateway_queue_full`.
    package mutating func requested(_ command: GatewayCommand, at now: Duration) throws(GatewayError) -> [Action] {
        guard budget.enqueue(command) else { throw .tooManyCommands }
        return sendCommands(at: now)
    }

    /// Ends the session for good: Discord shows the bot offline at once.
    package mutating func stopped() -> [Action] {
        let actions = leave(.normal)
        state = .stopped
        return actions + [.disarm(.connect)]
    }
}
