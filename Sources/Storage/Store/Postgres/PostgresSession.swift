import Core
import EventLoop

/// The one connection of a process that lasts: it hears of commits and holds what this process leads. It belongs to its loop,
/// connects again for as long as it isn't closed, and rings whenever something may have gone unheard.
///
/// Leading in a matter is holding an advisory lock, which the server takes back when the connection ends: at once when the
/// process does, within about ten seconds when it's cut off.
@safe final class PostgresSession {
    /// How often whoever doesn't lead asks again, and how long a server may be silent to one who does.
    private static let interval = Duration.milliseconds(250)
    private static let patience: UInt64 = 3000

    private struct Matter {
        var waiting: [(id: Int, continuation: CheckedContinuation<Lease, any Error>)] = []
        var isAsking = false
        var lease: WeakLease?
    }

    private struct WeakLease { weak let lease: Lease? }

    private let address: PostgresAddress
    private let configuration: PostgresConfiguration
    private let loop: EventLoop
    private let log: Log
    /// Told of the server's process that notified; nil when some may have gone unheard.
    private let heard: @Sendable (Int32?) -> Void
    /// Told when the server can be reached, and when it is silent: then with how it failed.
    private let tried: @Sendable (PostgresFailure?) -> Void
    private var backoff: Backoff
    private var link: PostgresLink?
    private var timer: LoopTimer?
    private var matters: [String: Matter] = [:]
    private var isClosed = false
    private var turns = 0

    init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, loop: EventLoop, log: Log,
        heard: @escaping @Sendable (Int32?) -> Void, tried: @escaping @Sendable (PostgresFailure?) -> Void
    ) {
        self.address = address
        self.configuration = configuration
        self.loop = loop
        self.log = log
        self.heard = heard
        self.tried = tried
        backoff = configuration.backoff
    }

    func start() {
        guard !isClosed else { return }
        PostgresDialing.dial(address, configuration, setup: [Statements.listen], loop: loop) { [weak self] result in
            guard let self, !isClosed else {
                if case .success(let link) = result { link.close() }
                return
            }
            switch result {
            case .success(let link): connected(link)
            case .failure(let failure):
                log.debug("can't listen to the database", ["error": "\(failure.error)"])
                if failure.isSilence { tried(failure) }
                startLater()
            }
        }
    }

    func close() {
        isClosed = true
        timer?.cancel()
        link?.close()
        disconnected()
        for matter in matters.values {
            for (_, continuation) in matter.waiting {
                continuation.resume(throwing: StoreError(.unavailable, "The database has been closed."))
            }
        }
        matters = [:]
    }

    // MARK: Connecting

    private func connected(_ link: PostgresLink) {
        self.link = link
        backoff.reset()
        tried(nil)
        link.onNotification = { [heard] channel, process in if channel == Statements.channel { heard(process) } }
        link.onLost = { [weak self] failure in
            guard let self else { return }
            log.warning("listening to the database was interrupted", ["error": "\(failure.error)"])
            disconnected()
            startLater()
        }
        timer?.cancel()
        timer = loop.schedule(after: Self.interval, repeating: Self.interval) { [weak self] in self?.turn() }
        heard(nil)
        askForAll()
    }

    private func disconnected() {
        link = nil
        timer?.cancel()
        for name in Array(matters.keys) {
            matters[name]?.isAsking = false
            if let lease = matters[name]?.lease?.lease {
                log.warning("a lead is lost", ["name": name])
                lease.lose()
            }
            matters[name]?.lease = nil
        }
    }

    private func startLater() {
        guard !isClosed else { return }
        timer = loop.schedule(after: backoff.next()) { [weak self] in self?.start() }
    }

    private func turn() {
        guard let link else { return }
        link.check()
        turns += 1
        // Whoever leads, or only listens, notices that the server is gone.
        if turns % 4 == 0, link.isIdle { link.send([Statements.ping], patience: Self.patience) { _ in } }
        askForAll()
    }

    // MARK: Leading

    func wait(_ id: Int, for name: String, _ continuation: CheckedContinuation<Lease, any Error>) {
        guard !isClosed else {
            return continuation.resume(throwing: StoreError(.unavailable, "The database has been closed."))
        }
        matters[name, default: Matter()].waiting.append((id, continuation))
        ask(name)
    }

    func stopWaiting(_ id: Int, for name: String) {
        guard let index = matters[name]?.waiting.firstIndex(where: { $0.id == id }) else { return }
        matters[name]?.waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func askForAll() { for name in Array(matters.keys) { ask(name) } }

    private func ask(_ name: String) {
        guard let link, let matter = matters[name], matter.lease == nil, !matter.isAsking, !matter.waiting.isEmpty
        else {
            return
        }
        matters[name]?.isAsking = true
        let statement = PostgresStatement(Statements.tryLead, [.integer(Self.key(name))])
        link.send([statement], patience: Self.patience) { [weak self] result in
            guard let self, self.link === link else { return }
            matters[name]?.isAsking = false
            if case .success(let outcomes) = result, outcomes.last?.rows.first?.values == [1] { grant(name) }
        }
    }

    private func grant(_ name: String) {
        guard var matter = matters[name], !matter.waiting.isEmpty else { return giveBack(name) }
        let next = matter.waiting.removeFirst()
        let lease = Lease(name) { [loop, box = LoopBound(self, loop: loop)] in
            loop.execute { box.value.released(name) }
        }
        matter.lease = WeakLease(lease: lease)
        matters[name] = matter
        next.continuation.resume(returning: lease)
    }

    private func released(_ name: String) {
        // It may have been lost meanwhile, and even granted to another.
        guard let held = matters[name]?.lease, held.lease?.isHeld != true else { return }
        matters[name]?.lease = nil
        giveBack(name)
        ask(name)
    }

    private func giveBack(_ name: String) {
        link?.send(
            [PostgresStatement(Statements.stopLeading, [.integer(Self.key(name))])], patience: Self.patience
        ) { _ in }
    }

    /// Advisory locks have numbers for names (FNV-1a, 64 bits).
    static func key(_ name: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "tandem lead \(name)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
