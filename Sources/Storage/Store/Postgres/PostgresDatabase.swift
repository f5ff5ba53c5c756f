package import Core
package import EventLoop
import Synchronization

/// A database on a PostgreSQL server, shared by any number of processes.
///
/// Transactions of all processes follow one another, as SQLite's do: each holds a lock from its first statement to its end,
/// so what it has read stays true, the same code is right on both databases, and nothing has to be run again because of
/// another one of ours. Isolation is REPEATABLE READ all the same: should somebody else have changed a row meanwhile, the
/// server undoes the transaction and its body is run again. Reads run beside all that, each on one snapshot.
package final class PostgresDatabase: Database {
    package let eventsCommitted = Signal()

    private let writers: Turnstile<PostgresConnection>
    private let readers: Turnstile<PostgresConnection>
    private let connections: [PostgresConnection]
    private let configuration: PostgresConfiguration
    private let session: LoopBound<PostgresSession>
    private let timer: LoopBound<LoopTimer>
    private let loop: EventLoop
    private let waits = Atomic<Int>(0)
    private let reruns: Counter
    private let log: Log

    /// Connects to the server. Call `migrate` next. The loops must outlive the database: close it first.
    ///
    /// - Throws: `StoreError` of kind `.unavailable` that says why, when the server can't be reached or refuses us.
    package static func open(
        _ configuration: PostgresConfiguration, group: EventLoopGroup, clock: WallClock = .system, log: Log = .none,
        metrics: Metrics = Metrics()
    ) async throws -> PostgresDatabase {
        precondition(configuration.readers >= 1 && configuration.waitingLimit >= 1 && configuration.retryLimit >= 0)
        let address = try PostgresAddress(configuration)
        let reachability = Reachability(configuration.backoff, attempt: configuration.connectTimeout, log: log)
        let processes = ServerProcesses(
            gauge: metrics.gauge("tandem_database_connections", help: "Open connections to the database."))
        func connection(_ loop: EventLoop) -> PostgresConnection {
            PostgresConnection(
                address, configuration, reachability: reachability, clock: clock, loop: loop
            ) { processes.changed(new: $0, old: $1) }
        }
        let writer = connection(group.next())
        do {
            try await writer.createLock()
        } catch let failure as PostgresFailure {
            await writer.close()
            throw failure.error
        }
        let readers = (0..<configuration.readers).map { _ in connection(group.next()) }
        let loop = group.next()
        return try await loop.submit {
            PostgresDatabase(
                address, configuration, writer: writer, readers: readers, reachability: reachability,
                processes: processes, loop: loop, log: log, metrics: metrics)
        }
    }

    /// On the loop.
    private init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, writer: PostgresConnection,
        readers: [PostgresConnection], reachability: Reachability, processes: ServerProcesses, loop: EventLoop,
        log: Log, metrics: Metrics
    ) {
        self.configuration = configuration
        self.loop = loop
        self.log = log
        let writers = Turnstile([writer], waitingLimit: configuration.waitingLimit)
        // The last is given first: those opened first stay in use, the others are opened when there's need.
        let readerTurnstile = Turnstile(readers, waitingLimit: configuration.waitingLimit)
        let connections = [writer] + readers
        self.writers = writers
        self.readers = readerTurnstile
        self.connections = connections
        reruns = metrics.counter(
            "tandem_database_reruns_total", help: "Transactions run again after the server undid them.")
        let session = PostgresSession(address, configuration, loop: loop, log: log) { [eventsCommitted] process in
            // Our own commits have rung already.
            if process.map({ !processes.contains($0) }) ?? true { eventsCommitted.ring() }
        } tried: { failure in
            // It asks every second, and so notices first that the server says nothing: nobody need find that out anew.
            guard let failure else { return reachability.connected() }
            _ = reachability.failed(failure)
            for connection in connections { connection.suspect(failure) }
        }
        session.start()
        self.session = LoopBound(session, loop: loop)
        let tick = Duration.milliseconds(500)
        let timer = loop.schedule(after: tick, repeating: tick) { [waitTimeout = configuration.waitTimeout] in
            writers.expire(.now - waitTimeout)
            readerTurnstile.expire(.now - waitTimeout)
            for connection in connections { connection.look(closingIdle: connection !== writer) }
        }
        self.timer = LoopBound(timer, loop: loop)
    }

    deinit {
        // Let go of without being closed.
        let (session, timer) = (session, timer)
        loop.execute {
            session.value.close()
            timer.value.cancel()
        }
    }

    @discardableResult
    package func transaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(.writing, body)
    }

    package func unhurriedTransaction<R: Sendable>(
        _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(.unhurried, body)
    }

    private func transaction<R: Sendable>(
        _ kind: PostgresConnection.Kind, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        let first = try TransactionScope(self)
        let writer = try await writers.take()
        defer { writers.give(writer) }
        let (result, appended) = try await run(kind, on: writer, first) { try await body($0) }
        if appended > 0 { eventsCommitted.ring() }
        return result
    }

    package func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        let first = try TransactionScope(self)
        let reader = try await readers.take()
        defer { readers.give(reader) }
        return try await run(.reading, on: reader, first) { try await body($0) }.0
    }

    /// Runs the body, again where that helps, in the same turn.
    private func run<R: Sendable>(
        _ kind: PostgresConnection.Kind, on connection: PostgresConnection, _ first: TransactionScope,
        _ body: @Sendable (ScopedTransaction<PostgresConnection>) async throws -> R
    ) async throws -> (R, appended: Int) {
        var backoff = Backoff(base: .milliseconds(2), limit: .milliseconds(100))
        var scope = first
        while true {
            do {
                return try await connection.run(kind, in: scope, body)
            } catch let failure as PostgresFailure {
                guard failure.remedy != .none, backoff.attempt < configuration.retryLimit else { throw failure.error }
                log.debug("a transaction is run again", ["error": "\(failure.error)"])
                reruns.increment()
                try await Task.sleep(for: backoff.next())
                scope = try TransactionScope(self)
            }
        }
    }

    package func lead(_ name: String) async throws -> Lease {
        try Task.checkCancellation()
        let id = waits.add(1, ordering: .relaxed).newValue
        let (loop, session) = (loop, session)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.execute { session.value.wait(id, for: name, continuation) }
            }
        } onCancel: {
            loop.execute { session.value.stopWaiting(id, for: name) }
        }
    }

    package func close() async {
        guard writers.close() else { return }
        _ = readers.close()
        let (loop, session, timer) = (loop, session, timer)
        loop.execute { session.value.close() }
        _ = await readers.drain(configuration.readers)
        _ = await writers.drain(1)
        for connection in connections { await connection.close() }
        await withCheckedContinuation { continuation in
            loop.execute {
                timer.value.cancel()
                continuation.resume()
            }
        }
    }
}

/// The server's processes that work for one database object, to know its own notifications.
final class ServerProcesses: Sendable {
    private let ids = Mutex<Set<Int32>>([])
    private let gauge: Gauge

    init(gauge: Gauge) { self.gauge = gauge }

    func contains(_ id: Int32) -> Bool { ids.withLock { $0.contains(id) } }

    func changed(new: Int32?, old: Int32?) {
        let count = ids.withLock { ids in
            if let old { ids.remove(old) }
            if let new { ids.insert(new) }
            return ids.count
        }
        gauge.set(count)
    }
}
