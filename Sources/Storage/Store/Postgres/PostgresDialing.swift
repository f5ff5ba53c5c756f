import Core
import CPostgres
import EventLoop

/// One attempt to connect: looks up the hosts, lets libpq talk to them, sets the connection up. It belongs to its loop.
@safe final class PostgresDialing {
    private let configuration: PostgresConfiguration
    private let address: PostgresAddress
    private let loop: EventLoop
    private let setup: [Statement]
    private let done: (Result<PostgresLink, PostgresFailure>) -> Void
    private var phase = Phase.resolving
    private var timer: LoopTimer?

    @safe private enum Phase {
        case resolving
        /// libpq talks to the server; it owns the socket that is watched.
        case polling(OpaquePointer, FileDescriptorWatch?)
        /// The link, which owns the connection by now, runs the first statements.
        case settingUp(PostgresLink)
        case ended
    }

    /// Connects; `done` is called later, on the loop, exactly once.
    ///
    /// - Parameter setup: run on the new connection after the settings that all have.
    static func dial(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, setup: [Statement] = [],
        loop: EventLoop, done: @escaping (Result<PostgresLink, PostgresFailure>) -> Void
    ) {
        loop.preconditionCurrent()
        PostgresDialing(address, configuration, setup, loop, done).start()
    }

    private init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, _ setup: [Statement],
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
            guard case .resolving = phase else { return }
            switch result {
            case .success(let address): connect(to: address)
            case .failure(let error): end(.failure(.lost(error.message)))
            }
        }
    }

    private func connect(to address: PostgresAddress) {
        guard let connection = unsafe address.withParameters({ unsafe PQconnectStartParams($0, $1, 0) }) else {
            return end(.failure(.lost("out of memory")))
        }
        unsafe phase = .polling(connection, nil)
        unsafe tandem_pq_ignore_notices(connection)
        guard unsafe PQstatus(connection) != CONNECTION_BAD else {
            return unsafe end(.failure(PostgresFailure(connection: connection)))
        }
        // As libpq wants it: as if the last poll had asked to write.
        unsafe wait(for: .writable, on: connection)
    }

    /// Each step gets a watch of its own: libpq may close the socket and open another, even one of the same number.
    private func wait(for interest: FileDescriptorWatch.Interest, on connection: OpaquePointer) {
        let watch = unsafe FileDescriptorWatch(descriptor: PQsocket(connection), loop: loop) { [self] _ in
            proceed()
        } onStop: { [self] in
            end(.failure(.lost("the event loop has stopped")))
        }
        unsafe phase = .polling(connection, watch)
        watch.wait(for: interest)
    }

    private func proceed() {
        guard case .polling(let connection, let watch) = phase else { return }
        watch?.close()
        unsafe phase = .polling(connection, nil)
        switch unsafe PQconnectPoll(connection) {
        case PGRES_POLLING_READING: unsafe wait(for: .readable, on: connection)
        case PGRES_POLLING_WRITING: unsafe wait(for: .writable, on: connection)
        case PGRES_POLLING_OK: unsafe setUp(connection)
        default: unsafe end(.failure(PostgresFailure(connection: connection)))
        }
    }

    private func setUp(_ connection: OpaquePointer) {
        guard unsafe PQserverVersion(connection) >= 140_000 else {
            return end(.failure(PostgresFailure(.unavailable, "The database needs PostgreSQL 14 or newer.")))
        }
        guard unsafe PQsetnonblocking(connection, 1) == 0, unsafe PQenterPipelineMode(connection) == 1 else {
            return unsafe end(.failure(PostgresFailure(connection: connection)))
        }
        let link = unsafe PostgresLink(connection, loop: loop, statementLimit: configuration.statementLimit)
        phase = .settingUp(link)
        link.send([settings] + setup, timeout: nil) { [self] result in
            switch result {
            case .success: end(.success(link))
            case .failure(let failure): end(.failure(failure))
            }
        }
    }

    private var settings: Statement {
        func milliseconds(_ duration: Duration) -> String { "\(max(0, duration.milliseconds))" }
        let settings = [
            ("statement_timeout", milliseconds(configuration.statementTimeout)),
            ("lock_timeout", milliseconds(configuration.lockTimeout)),
            ("idle_in_transaction_session_timeout", milliseconds(configuration.idleInTransactionTimeout)),
            // A process that has ended keeps no other waiting, whatever the server was doing for it.
            ("client_connection_check_interval", "1000"), ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3"), ("bytea_output", "hex"),
            // Short statements only: compiling one takes longer than any of them, and estimates without statistics ask for it.
            ("jit", "off"),
        ]
        let calls = settings.map { "set_config('\($0)', '\($1)', false)" }.joined(separator: ", ")
        return Statement("SELECT \(calls)")
    }

    private func end(_ result: Result<PostgresLink, PostgresFailure>) {
        let last = phase
        phase = .ended
        switch last {
        case .resolving: break
        case .polling(let connection, let watch):
            watch?.close()
            unsafe PQfinish(connection)
        case .settingUp(let link): if case .failure = result { link.close() }
        case .ended: return
        }
        timer?.cancel()
        done(result)
    }
}
