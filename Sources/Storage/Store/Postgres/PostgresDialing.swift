import CPostgres
import EventLoop

/// One attempt to connect: looks up the hosts, lets libpq talk to them, sets the connection up. It belongs to its loop.
@safe final class PostgresDialing {
    private let configuration: PostgresConfiguration
    private let address: PostgresAddress
    private let loop: EventLoop
    private let setup: [PostgresStatement]
    private var done: ((Result<PostgresLink, PostgresFailure>) -> Void)?
    private var connection: OpaquePointer?
    private var watch: FileDescriptorWatch?
    private var timer: LoopTimer?
    private var link: PostgresLink?

    /// Connects; `done` is called later, on the loop, exactly once.
    ///
    /// - Parameter setup: run on the new connection after the settings that all have.
    static func dial(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, setup: [PostgresStatement] = [],
        loop: EventLoop, done: @escaping (Result<PostgresLink, PostgresFailure>) -> Void
    ) {
        loop.preconditionCurrent()
        PostgresDialing(address, configuration, setup, loop, done).start()
    }

    private init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, _ setup: [PostgresStatement],
        _ loop: EventLoop, _ done: @escaping (Result<PostgresLink, PostgresFailure>) -> Void
    ) {
        self.address = address
        self.configuration = configuration
        self.setup = setup
        self.loop = loop
        self.done = done
    }

    private func start() {
        timer = loop.schedule(after: configuration.connectTimeout) { [self] in
            end(.failure(.silent("\(address) did not answer within \(configuration.connectTimeout)")))
        }
        address.resolve(on: loop) { [self] result in
            guard done != nil else { return }
            switch result {
            case .success(let address): connect(to: address)
            case .failure(let error): end(.failure(.lost(error.message)))
            }
        }
    }

    private func connect(to address: PostgresAddress) {
        unsafe connection = address.withParameters { unsafe PQconnectStartParams($0, $1, 0) }
        guard let connection = unsafe connection else { return end(.failure(.lost("out of memory"))) }
        unsafe tandem_pq_ignore_notices(connection)
        guard unsafe PQstatus(connection) != CONNECTION_BAD else {
            return unsafe end(.failure(PostgresFailure(connection: connection)))
        }
        // As libpq wants it: as if the last poll had asked to write.
        wait(for: .writable)
    }

    /// Each step gets a watch of its own: libpq may close the socket and open another, even one of the same number.
    private func wait(for interest: FileDescriptorWatch.Interest) {
        guard let connection = unsafe connection else { return }
        let watch = unsafe FileDescriptorWatch(descriptor: PQsocket(connection), loop: loop) { [self] _ in
            proceed()
        } onStop: { [self] in
            end(.failure(.lost("the event loop has stopped")))
        }
        self.watch = watch
        watch.wait(for: interest)
    }

    private func proceed() {
        guard let connection = unsafe connection else { return }
        watch?.close()
        watch = nil
        switch unsafe PQconnectPoll(connection) {
        case PGRES_POLLING_READING: wait(for: .readable)
        case PGRES_POLLING_WRITING: wait(for: .writable)
        case PGRES_POLLING_OK: setUp()
        default: unsafe end(.failure(PostgresFailure(connection: connection)))
        }
    }

    private func setUp() {
        guard let connection = unsafe connection else { return }
        guard unsafe PQserverVersion(connection) >= 140_000 else {
            return end(.failure(PostgresFailure(.unavailable, "The database needs PostgreSQL 14 or newer.")))
        }
        guard unsafe PQsetnonblocking(connection, 1) == 0, unsafe PQenterPipelineMode(connection) == 1 else {
            return unsafe end(.failure(PostgresFailure(connection: connection)))
        }
        // From here on the link owns it.
        unsafe self.connection = nil
        let link = unsafe PostgresLink(connection, loop: loop, statementLimit: configuration.statementLimit)
        self.link = link
        link.send([settings] + setup, patience: nil) { [self] result in
            switch result {
            case .success: end(.success(link))
            case .failure(let failure): end(.failure(failure))
            }
        }
    }

    private var settings: PostgresStatement {
        func milliseconds(_ duration: Duration) -> String { "\(max(0, Int(duration / .milliseconds(1))))" }
        let settings = [
            ("statement_timeout", milliseconds(configuration.statementTimeout)),
            ("lock_timeout", milliseconds(configuration.lockTimeout)),
            ("idle_in_transaction_session_timeout", milliseconds(configuration.idleInTransactionTimeout)),
            // A process that has gone keeps nobody waiting, whatever the server was doing for it.
            ("client_connection_check_interval", "1000"), ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3"), ("bytea_output", "hex"),
        ]
        let calls = settings.map { "set_config('\($0)', '\($1)', false)" }.joined(separator: ", ")
        return PostgresStatement("SELECT \(calls)")
    }

    private func end(_ result: Result<PostgresLink, PostgresFailure>) {
        guard let done else { return }
        self.done = nil
        timer?.cancel()
        watch?.close()
        watch = nil
        unsafe PQfinish(connection)
        unsafe connection = nil
        if case .failure = result { link?.close() }
        link = nil
        done(result)
    }
}
