import Core
import EventLoop

/// What a process listens by for events that have been numbered, and holds what it leads: a connection that lasts, and carries
/// nothing that could take long. It belongs to its loop, and reports whenever events may have gone unnoticed.
///
/// To lead is to hold an advisory lock, which the server takes back when the connection ends: at once when the process does,
/// within about ten seconds when it's cut off.
@safe final class PostgresSession {
    /// How often an idle connection is used, so that a process that leads, or only listens, notices that the server is gone.
    private static let useInterval = Duration.seconds(1)
    /// How long the server may take to answer.
    private static let timeout = Duration.seconds(3)

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

    private let loop: EventLoop
    private let log: Log
    /// Called when events have been numbered, and when some may have been.
    private let notified: @Sendable () -> Void
    /// Called when the server can be reached, and when it is silent: then with the failure.
    private let tried: @Sendable (PostgresFailure?) -> Void
    private let connection: LastingLink
    private var leaderships: [String: Leadership] = [:]
    private var usedAt = Duration.zero

    init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, loop: EventLoop, log: Log,
        notified: @escaping @Sendable () -> Void, tried: @escaping @Sendable (PostgresFailure?) -> Void
    ) {
        self.loop = loop
        self.log = log
        self.notified = notified
        self.tried = tried
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
            tried(nil)
            link.onNotification = { [notified] channel, _ in
                if channel == Statements.channel { notified() }
            }
            notified()
            askForAll()
        case .ticked(let link):
            if loop.now - usedAt >= Self.useInterval {
                usedAt = loop.now
                link.send([Statements.nothing], timeout: Self.timeout) { _ in }
            }
            askForAll()
        case .lost(let failure):
            log.warning("listening to the database was interrupted", ["error": "\(failure.error)"])
            loseLeads()
        case .unreachable(let failure):
            log.debug("can't listen to the database", ["error": "\(failure.error)"])
            if failure.isSilence { tried(failure) }
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
