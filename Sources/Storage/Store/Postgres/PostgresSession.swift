import Core
import EventLoop

/// The one connection of a process that lasts: it numbers events, listens for those that others have numbered, and holds what this
/// process leads. It belongs to its loop, connects again for as long as it isn't closed, and reports whenever events may
/// have gone unnoticed.
///
/// To lead is to hold an advisory lock, which the server takes back when the connection ends: at once when the process does,
/// within about ten seconds when it's cut off.
@safe final class PostgresSession {
    /// How often a process that doesn't lead asks again.
    private static let askInterval = Duration.milliseconds(250)
    /// How often an idle connection is used, so that a process that leads, or only listens, notices that the server is gone; and
    /// how often events are looked for that another process left without numbers.
    private static let lookInterval = Duration.seconds(1)
    /// How long the server may take to answer.
    private static let timeout = Duration.seconds(3)

    /// What is open now. An attempt to connect ends by itself.
    private enum Transport {
        case none
        case listening(PostgresLink, ticker: LoopTimer)
        case pausing(LoopTimer)
    }

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
    }

    private struct WeakLease { weak let lease: Lease? }

    private let address: PostgresAddress
    private let configuration: PostgresConfiguration
    private let loop: EventLoop
    private let log: Log
    /// Called when events have been numbered, and when some may have been.
    private let notified: @Sendable () -> Void
    /// Called when the server can be reached, and when it is silent: then with the failure.
    private let tried: @Sendable (PostgresFailure?) -> Void
    private var reconnection: Reconnection
    private var transport = Transport.none
    private var leaderships: [String: Leadership] = [:]
    let numbering: EventNumbering
    private var lookedAt = Duration.zero

    init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, loop: EventLoop, log: Log,
        notified: @escaping @Sendable () -> Void, tried: @escaping @Sendable (PostgresFailure?) -> Void
    ) {
        self.address = address
        self.configuration = configuration
        self.loop = loop
        self.log = log
        self.notified = notified
        self.tried = tried
        numbering = EventNumbering(loop: loop, log: log)
        reconnection = Reconnection(configuration.backoff, provenAfter: Self.lookInterval)
    }

    func start() { if reconnection.started() == .connect { connect() } }

    func close() {
        guard !isClosed else { return }
        _ = reconnection.stopped()
        release()
        numbering.close()
        for leadership in leaderships.values {
            for (_, continuation) in leadership.waiting { continuation.resume(throwing: Self.closed) }
        }
        leaderships = [:]
    }

    private var isClosed: Bool { reconnection.state == .stopped }
    private var link: PostgresLink? { if case .listening(let link, _) = transport { link } else { nil } }
    private static var closed: StoreError { StoreError(.unavailable, "The database has been closed.") }

    // MARK: Connecting

    private func connect() {
        transport = .none
        PostgresDialing.dial(address, configuration, setup: [Statements.listen], loop: loop) { [weak self] result in
            switch result {
            case .success(let link):
                guard let self, case .use = reconnection.opened(at: loop.now) else { return link.close() }
                opened(link)
            case .failure(let failure):
                guard let self, case .wait(let pause, _) = reconnection.failed() else { return }
                log.debug("can't listen to the database", ["error": "\(failure.error)"])
                if failure.isSilence { tried(failure) }
                connect(after: pause)
            }
        }
    }

    private func connect(after pause: Duration) {
        transport = .pausing(
            loop.schedule(after: pause) { [weak self] in
                if let self, reconnection.timerFired() == .connect { connect() }
            })
    }

    private func opened(_ link: PostgresLink) {
        let ticker = loop.schedule(after: Self.askInterval, repeating: Self.askInterval) { [weak self] in self?.tick() }
        transport = .listening(link, ticker: ticker)
        tried(nil)
        link.onNotification = { [notified] channel, _ in
            if channel == Statements.channel { notified() }
        }
        link.onLost = { [weak self] failure in
            guard let self, case .wait(let pause, _) = reconnection.lost(at: loop.now) else { return }
            log.warning("listening to the database was interrupted", ["error": "\(failure.error)"])
            release()
            connect(after: pause)
        }
        notified()
        numbering.use(link)
        askForAll()
    }

    /// Lets go of the connection and with it of what this process leads.
    private func release() {
        numbering.use(nil)
        switch transport {
        case .none: break
        case .listening(let link, let ticker):
            ticker.cancel()
            link.close()
        case .pausing(let timer): timer.cancel()
        }
        transport = .none
        for name in Array(leaderships.keys) {
            if case .held(let held)? = leaderships[name]?.state, let lease = held.lease {
                log.warning("a lead is lost", ["name": name])
                lease.lose()
            }
            leaderships[name]?.state = .free
        }
    }

    private func tick() {
        guard let link else { return }
        link.check()
        if loop.now - lookedAt >= Self.lookInterval {
            lookedAt = loop.now
            numbering.look()
        }
        askForAll()
    }

    // MARK: Leading

    func wait(_ id: Int, for name: String, _ continuation: CheckedContinuation<Lease, any Error>) {
        guard !isClosed else { return continuation.resume(throwing: Self.closed) }
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
            if case .success(let outcomes) = result, outcomes.last?.rows.first?.values == [1] { grant(name) }
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
