package import Core

/// One bot's session on Discord's gateway: what to send, when to beat, when to come back and how (API: Gateway).
///
/// It reads no clock and touches no socket: every event says what time it is, and answers with the actions that the shell
/// must take, in order. After `.connect` come `connected` or `connectFailed`; after `.close`, or when the connection is
/// lost, comes nothing more of that connection.
package struct GatewaySession {
    package struct Configuration: Sendable {
        package var token: Secret
        package var intents: Intents = [.guilds, .guildMembers, .guildVoiceStates]
        package var shard: Shard?
        package var backoff = Backoff(base: .seconds(1), limit: .seconds(60))
        /// How long Discord may take to say Hello, and to answer an Identify or Resume.
        package var patience = Duration.seconds(20)

        package init(token: Secret) { self.token = token }
    }

    package struct Shard: Hashable, Sendable {
        package var number: Int
        package var count: Int

        package init(number: Int, count: Int) {
            precondition((0..<count).contains(number))
            self.number = number
            self.count = count
        }
    }

    package enum Timer: Hashable, Sendable, CaseIterable {
        /// The next heartbeat.
        case heartbeat
        /// Time to connect, or to ask for the gateway's address again.
        case connect
        /// The other side has taken too long.
        case patience
        /// A command may be sent again.
        case budget
    }

    package enum Action: Hashable, Sendable {
        /// Ask `GET /gateway/bot`; then `gatewayFound` or `gatewayNotFound`.
        case findGateway
        case connect(url: String)
        case send(GatewayCommand)
        case dispatch(GatewayEvent)
        case close(GatewayCloseCode)
        /// Call `fired` with the timer then; replaces an earlier time.
        case arm(Timer, at: Duration)
        case disarm(Timer)
        /// Nothing more will work until a person changes something.
        case fail(GatewayError)
        case note(Note)
    }

    /// What an operator may want to know.
    package enum Note: Hashable, Sendable {
        case disconnected(code: Int?, resuming: Bool)
        case connectFailed
        case zombie
        case invalidSession(resumable: Bool)
        case askedToReconnect
        case outOfSessions(resetAfter: Duration)
        case latency(Duration)
        case ready(guilds: Int)
        case resumed
    }

    package enum Phase: Hashable, Sendable {
        case idle, findingGateway, waiting, connecting, greeting, identifying, resuming, ready, stopped
    }

    struct Known: Hashable {
        let id: String
        let resumeURL: String
    }

    struct Heart {
        let interval: Duration
        var lastBeat: Duration?
        /// Whether an ACK came since the last beat that was due.
        var isAcknowledged = true
    }

    let configuration: Configuration
    package internal(set) var phase = Phase.idle
    var known: Known?
    var sequence: Int?
    var heart: Heart?
    var budget = SendBudget()
    var backoff: Backoff
    var failedResumes = 0
    var lastIdentify: Duration?

    /// Identifies of one shard must be this far apart (API: Max Concurrency).
    private static let identifySpacing = Duration.seconds(5)

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        backoff = configuration.backoff
    }

    // MARK: - Events

    package mutating func started() -> [Action] {
        guard phase == .idle else { return [] }
        phase = .findingGateway
        return [.findGateway]
    }

    /// The answer of `GET /gateway/bot`.
    package mutating func gatewayFound(_ gateway: GatewayBot, at now: Duration) -> [Action] {
        guard phase == .findingGateway else { return [] }
        guard gateway.sessionStartLimit.remaining > 0 else {
            let rest = Duration.milliseconds(max(1000, gateway.sessionStartLimit.resetAfter))
            phase = .waiting
            return [.note(.outOfSessions(resetAfter: rest)), .arm(.connect, at: now + rest)]
        }
        if let lastIdentify, now < lastIdentify + Self.identifySpacing {
            phase = .waiting
            return [.arm(.connect, at: lastIdentify + Self.identifySpacing)]
        }
        return connect(to: gateway.url, at: now)
    }

    /// - Parameter isFatal: whether Discord refused the token.
    package mutating func gatewayNotFound(
        isFatal: Bool, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard phase == .findingGateway else { return [] }
        if isFatal { return fail(.unauthorized) }
        return [.note(.connectFailed)] + comeBack(after: backoff.next(using: &generator), at: now)
    }

    package mutating func connected(at now: Duration) -> [Action] {
        guard phase == .connecting else { return [] }
        phase = .greeting
        budget.connectionBegan()
        return [.arm(.patience, at: now + configuration.patience)]
    }

    package mutating func connectFailed(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard phase == .connecting else { return [] }
        resumeFailed()
        return [.note(.connectFailed), .disarm(.patience)]
            + comeBack(after: backoff.next(using: &generator), at: now)
    }

    package mutating func received(
        _ message: GatewayMessage, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch phase {
        case .greeting, .identifying, .resuming, .ready: break
        case .idle, .findingGateway, .waiting, .connecting, .stopped: return []
        }
        switch message {
        case .hello(let milliseconds): return greeted(milliseconds, at: now, using: &generator)
        case .heartbeat: return beat(at: now)
        case .heartbeatAcknowledged: return acknowledged(at: now)
        case .reconnect:
            let rest = restAfterLoss(using: &generator)
            return [.note(.askedToReconnect)] + leave(.resuming) + comeBack(after: rest, at: now)
        case .invalidSession(let resumable):
            if !resumable { forget() }
            let rest = Duration.seconds(Double.random(in: 1..<5, using: &generator))
            return [.note(.invalidSession(resumable: resumable))] + leave(resumable ? .resuming : .normal)
                + comeBack(after: rest, at: now)
        case .dispatch(let event, let number):
            if number > sequence ?? 0 { sequence = number }
            return settled(event) + [.dispatch(event)] + drain(at: now)
        case .unknown: return []
        }
    }

    /// The connection is over, by the other side's doing or the network's.
    package mutating func disconnected(
        code: Int?, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch phase {
        case .greeting, .identifying, .resuming, .ready: break
        case .idle, .findingGateway, .waiting, .connecting, .stopped: return []
        }
        let remedy = GatewayCloseCode.Remedy(closedWith: code)
        if case .stop(let sentence) = remedy {
            return fail(.refused(GatewayCloseCode(rawValue: code ?? 0), sentence))
        }
        if remedy == .identify { forget() } else if phase != .ready { resumeFailed() }
        let rest = restAfterLoss(using: &generator)
        return [.note(.disconnected(code: code, resuming: known != nil))] + quiet() + comeBack(after: rest, at: now)
    }

    package mutating func fired(
        _ timer: Timer, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        switch (timer, phase) {
        case (_, .stopped), (_, .idle): return []
        case (.connect, .waiting): return begin(at: now)
        case (.heartbeat, .greeting), (.heartbeat, .identifying), (.heartbeat, .resuming), (.heartbeat, .ready):
            return beatDue(at: now, using: &generator)
        case (.patience, .greeting), (.patience, .identifying), (.patience, .resuming):
            resumeFailed()
            return [.note(.disconnected(code: nil, resuming: known != nil))] + leave(.resuming)
                + comeBack(after: backoff.next(using: &generator), at: now)
        case (.budget, .ready): return drain(at: now)
        default: return []
        }
    }

    /// Sends a command once the session is ready and Discord's limit allows.
    ///
    /// - Throws: `GatewayError` with code `gateway_queue_full`.
    package mutating func requested(_ command: GatewayCommand, at now: Duration) throws(GatewayError) -> [Action] {
        guard budget.enqueue(command) else { throw .tooManyCommands }
        return drain(at: now)
    }

    /// Ends the session for good: Discord shows the bot offline at once.
    package mutating func stopped() -> [Action] {
        let actions = leave(.normal)
        phase = .stopped
        return actions + [.disarm(.connect)]
    }
}
