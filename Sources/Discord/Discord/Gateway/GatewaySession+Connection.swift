import Core

/// How the session comes to a connection, leaves it, and lives within it.
extension GatewaySession {
    // MARK: - Coming and going

    mutating func begin(at now: Duration) -> [Action] {
        if let known { return connect(to: known.resumeURL, at: now) }
        phase = .findingGateway
        return [.findGateway]
    }

    mutating func connect(to url: String, at now: Duration) -> [Action] {
        phase = .connecting
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        return [.connect(url: base + "/?v=10&encoding=json&compress=zlib-stream")]
    }

    mutating func comeBack(after rest: Duration, at now: Duration) -> [Action] {
        if rest == .zero { return begin(at: now) }
        phase = .waiting
        return [.arm(.connect, at: now + rest)]
    }

    /// A session that was good is resumed at once, since events wait there; anything else may fail again.
    mutating func restAfterLoss(using generator: inout some RandomNumberGenerator) -> Duration {
        phase == .ready && known != nil ? .zero : backoff.next(using: &generator)
    }

    /// Closes the connection from our side.
    mutating func leave(_ code: GatewayCloseCode) -> [Action] {
        switch phase {
        case .connecting, .greeting, .identifying, .resuming, .ready: [.close(code)] + quiet()
        case .idle, .findingGateway, .waiting, .stopped: []
        }
    }

    mutating func quiet() -> [Action] {
        heart = nil
        return [.disarm(.heartbeat), .disarm(.patience), .disarm(.budget)]
    }

    /// A connection to where the session is kept came to nothing. That host may be gone for good, or may have lost the
    /// session without saying so.
    mutating func resumeFailed() {
        guard known != nil else { return }
        failedResumes += 1
        if failedResumes >= 5 { forget() }
    }

    mutating func forget() {
        known = nil
        sequence = nil
        failedResumes = 0
    }

    mutating func fail(_ error: GatewayError) -> [Action] {
        let actions = quiet()
        phase = .stopped
        return actions + [.disarm(.connect), .fail(error)]
    }

    // MARK: - Within a connection

    mutating func greeted(
        _ milliseconds: Int, at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard phase == .greeting else { return [] }
        let interval = Duration.milliseconds(max(100, min(milliseconds, 3_600_000)))
        heart = Heart(interval: interval)
        // Bots that restart together must not beat together.
        let first = now + interval * Double.random(in: 0..<1, using: &generator)
        budget.recordUrgent(at: now)
        let opening: GatewayCommand
        if let known {
            phase = .resuming
            opening = .resume(Resume(token: Token(configuration.token), sessionID: known.id, seq: sequence))
        } else {
            phase = .identifying
            lastIdentify = now
            opening = .identify(
                Identify(
                    token: Token(configuration.token),
                    properties: IdentifyProperties(os: "linux", browser: "tandem", device: "tandem"), compress: false,
                    largeThreshold: 250, shard: configuration.shard.map { [$0.number, $0.count] },
                    intents: configuration.intents))
        }
        return [.arm(.heartbeat, at: first), .send(opening), .arm(.patience, at: now + configuration.patience)]
    }

    mutating func settled(_ event: GatewayEvent) -> [Action] {
        switch event {
        case .ready(let ready):
            known = Known(id: ready.sessionID, resumeURL: ready.resumeGatewayURL)
            return nowReady(.ready(guilds: ready.guilds.count))
        case .resumed: return nowReady(.resumed)
        default: return []
        }
    }

    mutating func nowReady(_ note: Note) -> [Action] {
        phase = .ready
        failedResumes = 0
        backoff.reset()
        return [.disarm(.patience), .note(note)]
    }

    mutating func beatDue(
        at now: Duration, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard let heart else { return [] }
        guard heart.isAcknowledged else {
            let rest = restAfterLoss(using: &generator)
            return [.note(.zombie)] + leave(.resuming) + comeBack(after: rest, at: now)
        }
        self.heart?.isAcknowledged = false
        return beat(at: now) + [.arm(.heartbeat, at: now + heart.interval)]
    }

    mutating func beat(at now: Duration) -> [Action] {
        guard heart != nil else { return [] }
        heart?.lastBeat = now
        budget.recordUrgent(at: now)
        return [.send(.heartbeat(sequence))]
    }

    mutating func acknowledged(at now: Duration) -> [Action] {
        guard let lastBeat = heart?.lastBeat else { return [] }
        heart?.isAcknowledged = true
        return [.note(.latency(now - lastBeat))]
    }

    mutating func drain(at now: Duration) -> [Action] {
        guard phase == .ready else { return [] }
        let (commands, next) = budget.due(at: now)
        return commands.map { .send($0) } + [next.map { .arm(.budget, at: $0) } ?? .disarm(.budget)]
    }
}

extension GatewayCloseCode.Remedy {
    /// A connection that was lost without a word can be resumed.
    init(closedWith code: Int?) { self = code.map { GatewayCloseCode(rawValue: $0).remedy } ?? .resume }
}
