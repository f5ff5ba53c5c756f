import Core
import EventLoop

/// What a process listens by for events that have been numbered, and holds what it leads: a connection that lasts, and carries
/// nothing that could take long. It belongs to its loop, and reports whenever events may have gone unnoticed.
///
/// To lead is to hold an advisory lock, which the server takes back when the connection ends: at once when the process does,
/// within about ten seconds when it's cut off. A process that stands still keeps its connection; so each uses its own every second
/// as long as all its loops and tasks have their turns, and whoever waits for a lead has the server end a connection that holds it
/// and isn't used.
@safe final class PostgresSession {
    /// How often an idle connection is used, so that a process that leads, or only listens, notices that the server is gone.
    private static let useInterval = Duration.seconds(1)
    /// How long the server may take to answer.
    private static let timeout = Duration.seconds(3)
    /// How often those who wait look for a leader that stands still.
    private static let lookInterval = Duration.seconds(2)

    /// This process's part in what is led under one name.
    private struct Leadership {
        enum State {
            /// Another process may lead. The server is asked again while a caller waits.
            case free
            case asking
            case held(WeakLease)
        }

        var state = State.free
        var waiting: [(id: Int, continuation: CheckedContinuation<Lease, any Error>)] = []
        /// When the leader was last looked at.
        var lookedAt = Duration.zero
    }

    private struct WeakLease { weak let lease: Lease? }

    private let loop: EventLoop
    private let log: Log
    /// Called when events have been numbered, and when some may have been.
    private let notified: @Sendable () -> Void
    private let group: EventLoopGroup
    private let leadTimeout: Duration
    private let reachability: Reachability
    /// The attempt to connect that is under way, or the next one.
    private var attempt: Reachability.Attempt
    /// Called when the server is silent.
    private let silent: @Sendable (PostgresFailure) -> Void
    private let connection: LastingLink
    private var leaderships: [String: Leadership] = [:]
    private var usedAt = Duration.zero
    /// Whether it has yet to be seen that all loops and tasks have their turns.
    private var isAskingAround = false

    init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, reachability: Reachability,
        group: EventLoopGroup, loop: EventLoop, log: Log, notified: @escaping @Sendable () -> Void,
        silent: @escaping @Sendable (PostgresFailure) -> Void
    ) {
        self.loop = loop
        self.group = group
        self.log = log
        self.notified = notified
        self.silent = silent
        self.reachability = reachability
        leadTimeout = configuration.leadTimeout
        attempt = reachability.attempting()
        connection = LastingLink(address, configuration, setup: [Statements.listen], loop: loop)
    }

    func start() { connection.start { [weak self] in self?.connectionChanged($0) } }

    func close() {
        guard !connection.isClosed else { return }
        connection.close()
        loseLeads()
        for leadership in leaderships.values {
            for (_, continuation) in leadership.waiting { continuation.resume(throwing: Self.closed) }
        }
        leaderships = [:]
    }

    private var link: PostgresLink? { connection.link }
    private static var closed: StoreError { StoreError(.unavailable, "The database has been closed.") }

    private func connectionChanged(_ change: LastingLink.Change) {
        switch change {
        case .opened(let link):
            reachability.connected()
            link.onNotification = { [notified] channel, _ in
                if channel == Statements.channel { notified() }
            }
            notified()
            askForAll()
        case .ticked(let link):
            if loop.now - usedAt >= Self.useInterval {
                usedAt = loop.now
                showLife(on: link)
            }
            askForAll()
        case .lost(let failure):
            log.warning("listening to the database was interrupted", ["error": "\(failure.error)"])
            attempt = reachability.attempting()
            if failure.isSilence { fellSilent(failure) }
            loseLeads()
        case .unreachable(let failure):
            log.debug("can't listen to the database", ["error": "\(failure.error)"])
            if failure.isSilence { fellSilent(failure) }
            attempt = reachability.attempting()
        }
    }

    private func fellSilent(_ failure: PostgresFailure) {
        _ = reachability.failed(failure, attempt)
        silent(failure)
    }

    /// Uses the connection, unless this process stands still in part: then it isn't to lead.
    private func showLife(on link: PostgresLink) {
        guard !isAskingAround else { return }
        isAskingAround = true
        let (box, used) = (LoopBound(self, loop: loop), LoopBound(link, loop: loop))
        group.whenAllHadATurn { [loop] in
            loop.execute {
                box.value.isAskingAround = false
                guard box.value.link === used.value else { return }
                used.value.send([Statements.nothing], timeout: Self.timeout) { _ in }
            }
        }
    }

    private func loseLeads() {
        for name in Array(leaderships.keys) {
            if case .held(let held)? = leaderships[name]?.state, let lease = held.lease {
                log.warning("a lead is lost", ["name": name])
                lease.lose()
            }
            leaderships[name]?.state = .free
        }
    }

    // MARK: Leading

    func wait(_ id: Int, for name: String, _ continuation: CheckedContinuation<Lease, any Error>) {
        guard !connection.isClosed else { return continuation.resume(throwing: Self.closed) }
        leaderships[name, default: Leadership()].waiting.append((id, continuation))
        ask(name)
    }

    func stopWaiting(_ id: Int, for name: String) {
        guard let index = leaderships[name]?.waiting.firstIndex(where: { $0.id == id }) else { return }
        leaderships[name]?.waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func askForAll() { for name in Array(leaderships.keys) { ask(name) } }

    private func ask(_ name: String) {
        guard let link, let leadership = leaderships[name], case .free = leadership.state, !leadership.waiting.isEmpty
        else { return }
        leaderships[name]?.state = .asking
        let statement = Statement(Statements.tryLead, [.integer(Self.key(name))])
        link.send([statement], timeout: Self.timeout) { [weak self] result in
            guard let self, self.link === link else { return }
            leaderships[name]?.state = .free
            guard case .success(let outcomes) = result else { return }
            if outcomes.last?.rows.first?.values == [1] { grant(name) } else { lookAtLeader(of: name, on: link) }
        }
    }

    /// Another process leads: if it stands still, it has led for long enough.
    private func lookAtLeader(of name: String, on link: PostgresLink) {
        guard let leadership = leaderships[name], loop.now - leadership.lookedAt >= Self.lookInterval else { return }
        leaderships[name]?.lookedAt = loop.now
        link.send(
            [Statements.cutOffSilentLeader(Self.key(name), after: leadTimeout)], timeout: Self.timeout
        ) { [log] result in
            switch result {
            case .success(let outcomes):
                guard outcomes.last?.rows.isEmpty == false else { return }
                log.warning("who led stands still and was cut off", ["name": name])
            case .failure(let failure):
                log.warning("who leads can't be looked at", ["name": name, "error": "\(failure.error)"])
            }
        }
    }

    private func grant(_ name: String) {
        guard var leadership = leaderships[name], !leadership.waiting.isEmpty else { return unlock(name) }
        let next = leadership.waiting.removeFirst()
        let lease = Lease(name) { [loop, box = LoopBound(self, loop: loop)] in
            loop.execute { box.value.released(name) }
        }
        leadership.state = .held(WeakLease(lease: lease))
        leaderships[name] = leadership
        next.continuation.resume(returning: lease)
    }

    private func released(_ name: String) {
        // It may have been lost meanwhile, and even granted to another.
        guard case .held(let held)? = leaderships[name]?.state, held.lease?.isHeld != true else { return }
        leaderships[name]?.state = .free
        unlock(name)
        ask(name)
    }

    private func unlock(_ name: String) {
        link?.send(
            [Statement(Statements.stopLeading, [.integer(Self.key(name))])], timeout: Self.timeout
        ) { _ in }
    }

    /// Advisory locks have numbers for names.
    static func key(_ name: String) -> Int64 { FNV1a.hash("tandem lead \(name)") }
}
