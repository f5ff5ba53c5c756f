import Core
import EventLoop

/// A connection that lasts: opened again whenever it's lost, until it's closed. It belongs to its loop.
@safe final class LastingLink {
    enum Change {
        case opened(PostgresLink)
        /// Called several times a second while it's open.
        case ticked(PostgresLink)
        case lost(PostgresFailure)
        /// An attempt to connect has failed.
        case unreachable(PostgresFailure)
    }

    /// What is open now. An attempt to connect ends by itself.
    private enum Transport {
        case none
        case open(PostgresLink, ticker: LoopTimer)
        case pausing(LoopTimer)
    }

    private static let tick = Duration.milliseconds(250)
    /// How long it must have been open to count as good.
    private static let provenAfter = Duration.seconds(1)

    private let address: PostgresAddress
    private let configuration: PostgresConfiguration
    private let setup: [Statement]
    private let loop: EventLoop
    private var reconnection: Reconnection
    private var transport = Transport.none
    private var changed: (Change) -> Void = { _ in }

    /// - Parameter setup: run on each new connection.
    init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, setup: [Statement], loop: EventLoop
    ) {
        self.address = address
        self.configuration = configuration
        self.setup = setup
        self.loop = loop
        reconnection = Reconnection(configuration.backoff, provenAfter: Self.provenAfter)
    }

    /// Connects, and calls `changed` from now on.
    func start(_ changed: @escaping (Change) -> Void) {
        self.changed = changed
        if reconnection.started() == .connect { connect() }
    }

    func close() {
        guard !isClosed else { return }
        _ = reconnection.stopped()
        release()
    }

    var isClosed: Bool { reconnection.state == .stopped }
    /// The connection, while there is one.
    var link: PostgresLink? { if case .open(let link, _) = transport { link } else { nil } }

    private func connect() {
        transport = .none
        PostgresDialing.dial(address, configuration, setup: setup, loop: loop) { [weak self] result in
            switch result {
            case .success(let link):
                guard let self, case .use = reconnection.opened(at: loop.now) else { return link.close() }
                opened(link)
            case .failure(let failure):
                guard let self, case .wait(let pause, _) = reconnection.failed() else { return }
                changed(.unreachable(failure))
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
        let ticker = loop.schedule(after: Self.tick, repeating: Self.tick) { [weak self] in
            link.check()
            if let self, self.link === link { changed(.ticked(link)) }
        }
        transport = .open(link, ticker: ticker)
        link.onLost = { [weak self] failure in
            guard let self, case .wait(let pause, _) = reconnection.lost(at: loop.now) else { return }
            release()
            changed(.lost(failure))
            connect(after: pause)
        }
        changed(.opened(link))
    }

    private func release() {
        switch transport {
        case .none: break
        case .open(let link, let ticker):
            ticker.cancel()
            link.close()
        case .pausing(let timer): timer.cancel()
        }
        transport = .none
    }
}
