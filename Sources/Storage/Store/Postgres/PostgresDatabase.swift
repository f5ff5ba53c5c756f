package import Core
package import EventLoop
import Synchronization

/// A database on a PostgreSQL server, shared by any number of processes.
///
/// Transactions run beside each other, of this process and of others, each on a connection of its own, and wait for those
/// whose locks exclude theirs. What two of them change without a lock follows the server's rules for READ COMMITTED. One that the
/// server undoes in favour of another is run again. Reads run beside all that, each on one snapshot.
///
/// Events are committed to an outbox, and numbered right afterwards, in rounds that serve all that have committed meanwhile:
/// commits need not wait for one another to have their events in one order.
///
/// Throws as `Database` says.
package final class PostgresDatabase: Database {
    package let eventsCommitted = Signal()

    private let writers: Pool<PostgresConnection>
    private let readers: Pool<PostgresConnection>
    private let queues: KeyedQueues
    private let connections: [PostgresConnection]
    private let configuration: PostgresConfiguration
    private let session: LoopBound<PostgresSession>
    private let numbering: LoopBound<EventNumbering>
    private let timer: LoopBound<LoopTimer>
    private let loop: EventLoop
    private let time: TimeSource
    private let waits = Atomic<Int>(0)
    private let reruns: Counter
    private let log: Log

    /// Connects to the server. Call `migrate` next. The loops must outlive the database: close it first.
    ///
    /// - Throws: `StoreError` of kind `.unavailable` that says why, when the server can't be reached or refuses the
    ///   connection.
    package static func open(
        _ configuration: PostgresConfiguration, group: EventLoopGroup, time: TimeSource = .system, log: Log = .none,
        metrics: Metrics = Metrics()
    ) async throws -> PostgresDatabase {
        precondition(
            configuration.readers >= 1 && configuration.writers >= 1 && configuration.waitingLimit >= 1
                && configuration.retryLimit >= 0)
        let address = try PostgresAddress(configuration)
        let reachability = Reachability(
            configuration.backoff, attempt: configuration.connectTimeout, time: time, log: log)
        let open = metrics.gauge("tandem_database_connections", help: "Open connections to the database.")
        func connections(_ count: Int) -> [PostgresConnection] {
            (0..<count).map { _ in
                PostgresConnection(
                    address, configuration, reachability: reachability, time: time, loop: group.next(), open: open)
            }
        }
        let writers = connections(configuration.writers)
        do {
            try await writers.last?.createOwnTables()
        } catch let failure as PostgresFailure {
            await writers.last?.close()
            throw failure.error
        }
        let readers = connections(configuration.readers)
        let loop = group.next()
        return try await loop.submit {
            PostgresDatabase(
                address, configuration, writers: writers, readers: readers, reachability: reachability, group: group,
                loop: loop, time: time, log: log, metrics: metrics)
        }
    }

    /// On the loop.
    private init(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, writers: [PostgresConnection],
        readers: [PostgresConnection], reachability: Reachability, group: EventLoopGroup, loop: EventLoop,
        time: TimeSource, log: Log, metrics: Metrics
    ) {
        self.configuration = configuration
        self.loop = loop
        self.time = time
        self.log = log
        // The last is lent first: those opened first stay in use, the others are opened when they are needed.
        let writerPool = Pool(writers, waitingLimit: configuration.waitingLimit, time: time)
        let readerPool = Pool(readers, waitingLimit: configuration.waitingLimit, time: time)
        let queues = KeyedQueues(waitingLimit: configuration.waitingLimit, time: time)
        let connections = writers + readers
        self.writers = writerPool
        self.readers = readerPool
        self.queues = queues
        self.connections = connections
        reruns = metrics.counter(
            "tandem_database_reruns_total", help: "Transactions run again after the server undid them.")
        let numbering = EventNumbering(address, configuration, loop: loop, log: log)
        numbering.start()
        self.numbering = LoopBound(numbering, loop: loop)
        let session = PostgresSession(
            address, configuration, reachability: reachability, group: group, loop: loop, log: log
        ) { [eventsCommitted] in
            eventsCommitted.ring()
        } silent: { [numbering = self.numbering] failure in
            // It asks every second, and so notices first that the server is silent: nobody else need wait for that.
            for connection in connections { connection.suspect(failure) }
            numbering.value.suspect(failure)
        }
        session.start()
        self.session = LoopBound(session, loop: loop)
        let tick = Duration.milliseconds(500)
        let timer = loop.schedule(after: tick, repeating: tick) { [waitTimeout = configuration.waitTimeout] in
            writerPool.refuse(waitingLongerThan: waitTimeout)
            readerPool.refuse(waitingLongerThan: waitTimeout)
            queues.refuse(waitingLongerThan: waitTimeout)
            for connection in connections { connection.look(closingIdle: connection !== writers.last) }
        }
        self.timer = LoopBound(timer, loop: loop)
    }

    deinit {
        // For an owner that lets go of the database without closing it.
        let (session, numbering, timer) = (session, numbering, timer)
        loop.execute {
            session.value.close()
            numbering.value.close()
            timer.value.cancel()
        }
    }

    @discardableResult
    package func transaction<R: Sendable>(
        locking locks: [Lock]?, _ body: @Sendable (any Transaction) async throws -> R
    ) async throws -> R {
        try await transaction(.writing(locks), body)
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
        let (result, appended) = try await queues.holding(kind.locks) {
            let writer = try await writers.take()
            defer { writers.give(writer) }
            return try await run(kind, on: writer, first) { try await body($0) }
        }
        // Should this fail, the events are numbered later: they are committed.
        if !appended.isEmpty { _ = try? await number(appended) }
        return result
    }

    package func settle() async throws -> Int64 { try await number([]) }

    /// Tells `events` their numbers; without any, waits until everything committed before has its number.
    private func number(_ events: [AppendedEvent]) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { [numbering] in
                numbering.value.number(events) { continuation.resume(with: $0) }
            }
        }
    }

    package func serverTime() async throws -> Int64? {
        let now = Statement("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now")
        return try await query(now).first.map { try $0["now", as: Int64.self] }
    }

    package func read<R: Sendable>(_ body: @Sendable (any Reading) async throws -> R) async throws -> R {
        try await read(.reading) { try await body($0) }
    }

    package func query(_ statement: Statement) async throws -> [Row] {
        try await read(.asking) { try await $0.query([statement]) }[0]
    }

    private func read<R: Sendable>(
        _ kind: PostgresConnection.Kind, _ body: @Sendable (ScopedTransaction<PostgresConnection>) async throws -> R
    ) async throws -> R {
        let first = try TransactionScope(self)
        let reader = try await readers.take()
        defer { readers.give(reader) }
        return try await run(kind, on: reader, first, body).0
    }

    /// Runs the body, and again where that helps, on the same connection.
    private func run<R: Sendable>(
        _ kind: PostgresConnection.Kind, on connection: PostgresConnection, _ first: TransactionScope,
        _ body: @Sendable (ScopedTransaction<PostgresConnection>) async throws -> R
    ) async throws -> (R, appended: [AppendedEvent]) {
        var scope: TransactionScope? = first
        var attempts = 0
        do {
            return try await time.retrying(
                Backoff(base: .milliseconds(2), limit: .milliseconds(100)),
                failed: { error, _ in
                    log.debug("a transaction is run again", ["error": "\((error as? PostgresFailure)?.error ?? error)"])
                    reruns.increment()
                },
                while: { error in
                    guard let failure = error as? PostgresFailure else { return false }
                    return failure.remedy != .none && attempts <= configuration.retryLimit
                }
            ) {
                attempts += 1
                // Each attempt has a scope of its own: what is left of the one before must not use it.
                let current = try scope.take() ?? TransactionScope(self)
                return try await connection.run(kind, in: current, body)
            }
        } catch let failure as PostgresFailure {
            throw failure.error
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
        let (loop, session, numbering, timer) = (loop, session, numbering, timer)
        loop.execute {
            session.value.close()
            numbering.value.close()
        }
        _ = await readers.drain(configuration.readers)
        _ = await writers.drain(configuration.writers)
        for connection in connections { await connection.close() }
        await withCheckedContinuation { continuation in
            loop.execute {
                timer.value.cancel()
                continuation.resume()
            }
        }
    }
}
