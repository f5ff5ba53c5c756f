import CPostgres
import EventLoop

/// An established connection to a server: takes batches of statements, sends them at once and reports their outcomes, in
/// order. It belongs to its loop.
///
/// libpq's pipeline mode (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html) is on all the time: a batch is one
/// synchronisation, so a failed statement skips the rest of its batch only. `PQfinish` is called once, in `close`, after
/// the watch on the socket has been closed.
@safe final class PostgresLink {
    /// One command in libpq's queue.
    private enum Step {
        case preparation(sql: String)
        case statement
    }

    @safe private enum State {
        case open(OpaquePointer, FileDescriptorWatch)
        /// Nothing is sent or answered any more.
        case closed(PostgresFailure)
    }

    private struct Batch {
        let ticket: Int
        /// When it was sent, by the loop's `now`.
        let since: Duration
        var steps: [Step]
        var next = 0
        var hasAnswered = false
        var outcomes: [PostgresOutcome] = []
        var failure: PostgresFailure?
        /// How long the server may take once it has answered what was sent before; nil: as long as it likes.
        var timeout: Duration?
        /// When it must have been answered.
        var deadline: Duration?
        let done: (Result<[PostgresOutcome], PostgresFailure>) -> Void
    }

    let loop: EventLoop
    /// Of the server's process, as notifications name it.
    let processID: Int32
    /// Called with the channel and the server's process that notified.
    var onNotification: ((String, Int32) -> Void)?
    /// Called once, when the connection is lost and not when it's closed from here.
    var onLost: ((PostgresFailure) -> Void)?
    /// When it was last used, by the loop's `now`.
    private(set) var lastUse: Duration

    private var state: State
    private var batches: [Batch] = []
    private var statements: StatementCache
    private var tickets = 0
    /// Where libpq leaves the code of the server's reason to hang up, when it gave one between two statements.
    private let lastNotice: UnsafeMutablePointer<CChar>
    private var farewell: String? { unsafe lastNotice.pointee == 0 ? nil : String(cString: lastNotice) }

    /// - Parameter connection: established and non-blocking, in pipeline mode; owned from here on.
    init(_ connection: OpaquePointer, loop: EventLoop, statementLimit: Int) {
        self.loop = loop
        unsafe lastNotice = .allocate(capacity: 6)
        unsafe lastNotice.initialize(repeating: 0, count: 6)
        unsafe tandem_pq_keep_notice(connection, lastNotice)
        processID = unsafe PQbackendPID(connection)
        statements = StatementCache(limit: statementLimit)
        lastUse = loop.now
        // Watched while idle too, so that the end of the server is noticed before the connection is used again.
        let owner = Owner()
        let watch = unsafe FileDescriptorWatch(descriptor: PQsocket(connection), loop: loop) { ready in
            owner.link?.ready(ready)
        } onStop: {
            owner.link?.fail(.lost("the event loop has stopped"))
        }
        unsafe state = .open(connection, watch)
        owner.link = self
        watch.wait(for: .readable)
    }

    deinit {
        release(.lost("the connection has been closed"))
        unsafe lastNotice.deallocate()
    }

    var isOpen: Bool { unsafe connection != nil }
    private var connection: OpaquePointer? {
        if case .open(let connection, _) = state { unsafe connection } else { nil }
    }
    var isIdle: Bool { batches.isEmpty }

    /// Sends statements that are run in order, up to the first that fails.
    ///
    /// - Parameters:
    ///   - timeout: after which a silent server counts as lost.
    ///   - done: called later, on the loop, exactly once.
    /// - Returns: by which to ask whether it's still under way.
    @discardableResult
    func send(
        _ batch: [Statement], timeout: Duration?,
        done: @escaping (Result<[PostgresOutcome], PostgresFailure>) -> Void
    ) -> Int {
        tickets += 1
        lastUse = loop.now
        do throws(PostgresFailure) {
            for statement in batch { try statement.check() }
            let steps = try queue(batch)
            batches.append(
                Batch(
                    ticket: tickets, since: loop.now, steps: steps, timeout: timeout,
                    deadline: timeout.map { loop.now + $0 }, done: done))
            flush()
        } catch {
            if error.isFatal { fail(error) }
            loop.atEndOfTurn { done(.failure(error)) }
        }
        return tickets
    }

    func isUnderWay(_ ticket: Int) -> Bool { batches.contains { $0.ticket == ticket } }

    /// From now on the server counts as lost when it takes longer than `timeout` for this batch.
    func hurry(_ ticket: Int, timeout: Duration) {
        guard let index = batches.firstIndex(where: { $0.ticket == ticket }) else { return }
        batches[index].timeout = min(batches[index].timeout ?? timeout, timeout)
        guard index == 0 else { return }
        let deadline = loop.now + timeout
        batches[0].deadline = min(batches[0].deadline ?? deadline, deadline)
    }

    /// The server is silent on other connections. It counts as silent here too once something has waited for longer than
    /// `timeout`, unless that may take as long as it likes; and nothing more is sent where nothing is under way.
    func suspect(_ failure: PostgresFailure, timeout: Duration) {
        guard let first = batches.first else { return fail(failure) }
        guard let limit = first.deadline else { return }
        let deadline = first.since + timeout
        if deadline <= loop.now { return fail(failure) }
        batches[0].deadline = min(limit, deadline)
    }

    /// By which to ask the server to stop what it's doing for this connection.
    func cancelRequest() -> CancelRequest? {
        guard let connection = unsafe connection else { return nil }
        return unsafe CancelRequest(connection)
    }

    /// A statement is no longer known in the form in which it was prepared: all are prepared anew.
    func forgetStatements() {
        guard isOpen else { return }
        statements.forgetAll()
        send([Statement("DEALLOCATE ALL")], timeout: .seconds(5)) { _ in }
        statements.forgetAll()
    }

    /// Gives up a server that's been silent for too long, and reads what may have been left in TLS buffers.
    func check() {
        if let deadline = batches.first?.deadline, deadline <= loop.now {
            return fail(.silent("the server does not answer"))
        }
        if !batches.isEmpty { ready(.readable) }
    }

    func close() { fail(.lost("the connection has been closed"), isLost: false) }

    // MARK: Sending

    private func queue(_ batch: [Statement]) throws(PostgresFailure) -> [Step] {
        let connection: OpaquePointer
        switch state {
        case .open(let open, _): unsafe connection = open
        case .closed(let failure): throw failure
        }
        let preparations = batch.map { statements.use($0.sql) }
        try unsafe deallocate(preparations.compactMap(\.evicted), on: connection)
        var steps: [Step] = []
        for (statement, preparation) in zip(batch, preparations) {
            var isSent = true
            if preparation.isNew {
                isSent = unsafe PQsendPrepare(connection, preparation.name, statement.sql, 0, nil) == 1
                steps.append(.preparation(sql: statement.sql))
            }
            isSent = unsafe isSent && statement.send(as: preparation.name, on: connection)
            steps.append(.statement)
            guard isSent else { throw unsafe PostgresFailure(connection: connection, state: farewell) }
        }
        guard unsafe PQpipelineSync(connection) == 1 else {
            throw unsafe PostgresFailure(connection: connection, state: farewell)
        }
        return steps
    }

    /// A synchronisation of its own: after any other statement, it'd be too late to choose a transaction's isolation.
    private func deallocate(_ names: [String], on connection: OpaquePointer) throws(PostgresFailure) {
        guard !names.isEmpty else { return }
        for name in names {
            guard unsafe PQsendQueryParams(connection, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 0) == 1 else {
                throw unsafe PostgresFailure(connection: connection, state: farewell)
            }
        }
        guard unsafe PQpipelineSync(connection) == 1 else {
            throw unsafe PostgresFailure(connection: connection, state: farewell)
        }
        batches.append(
            Batch(
                ticket: 0, since: loop.now, steps: names.map { _ in .statement }, timeout: nil,
                deadline: nil, done: { _ in }))
    }

    private func flush() {
        guard case .open(let connection, let watch) = state else { return }
        switch unsafe PQflush(connection) {
        case 0: watch.wait(for: .readable)
        case 1: watch.wait(for: [.readable, .writable])
        default: unsafe fail(PostgresFailure(connection: connection, state: farewell))
        }
    }

    // MARK: Receiving

    private func ready(_ ready: FileDescriptorWatch.Interest) {
        if ready.contains(.writable) { flush() }
        guard let connection = unsafe connection else { return }
        let isAlive = unsafe PQconsumeInput(connection) == 1
        // What arrived before the end is still reported.
        takeResults()
        guard let connection = unsafe self.connection else { return }
        takeNotifications()
        if unsafe !isAlive || PQstatus(connection) == CONNECTION_BAD {
            unsafe fail(PostgresFailure(connection: connection, state: farewell))
        }
    }

    private func takeResults() {
        while let connection = unsafe connection, !batches.isEmpty, unsafe PQisBusy(connection) == 0 {
            guard let result = unsafe PQgetResult(connection) else {
                // The end of one command's results.
                guard batches[0].hasAnswered else { return }
                batches[0].hasAnswered = false
                batches[0].next += 1
                continue
            }
            defer { unsafe PQclear(result) }
            let status = unsafe PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC {
                finishBatch()
            } else {
                unsafe take(result, status)
            }
            // A completion may have closed it. And libpq would report a lost one again and again.
            guard let connection = unsafe self.connection, unsafe PQstatus(connection) != CONNECTION_BAD else { return }
        }
    }

    private func take(_ result: OpaquePointer, _ status: ExecStatusType) {
        batches[0].hasAnswered = true
        guard batches[0].next < batches[0].steps.count else { return }
        switch (status, batches[0].steps[batches[0].next]) {
        case (PGRES_COMMAND_OK, .statement), (PGRES_TUPLES_OK, .statement):
            batches[0].outcomes.append(unsafe PostgresOutcome(result))
        case (PGRES_COMMAND_OK, _): break
        case (PGRES_PIPELINE_ABORTED, let step):
            if case .preparation(let sql) = step { statements.forget(sql) }
            fail(batch: PostgresFailure(.transactionEnded, "A statement before this one has failed."))
        case (PGRES_EMPTY_QUERY, _):
            fail(batch: PostgresFailure(.invalidStatement, "The statement is empty."))
        case (PGRES_COPY_IN, _), (PGRES_COPY_OUT, _), (PGRES_COPY_BOTH, _):
            // The connection is now in a mode that a pipeline can't leave.
            var failure = PostgresFailure(.invalidStatement, "COPY can't be used here.")
            failure.isFatal = true
            fail(failure)
        case (_, let step):
            if case .preparation(let sql) = step { statements.forget(sql) }
            // A statement that was sent after the server had announced its end finds the connection closed: the announcement
            // says why.
            fail(batch: unsafe PostgresFailure(result, farewell: farewell))
        }
    }

    /// The first failure of a batch is the one that counts.
    private func fail(batch failure: PostgresFailure) {
        if batches[0].failure == nil { batches[0].failure = failure }
    }

    private func finishBatch() {
        let batch = batches.removeFirst()
        if !batches.isEmpty { batches[0].deadline = batches[0].timeout.map { loop.now + $0 } }
        batch.done(batch.failure.map { .failure($0) } ?? .success(batch.outcomes))
    }

    private func takeNotifications() {
        while let connection = unsafe connection, let notification = unsafe PQnotifies(connection) {
            defer { unsafe PQfreemem(notification) }
            let channel = unsafe String(cString: notification.pointee.relname)
            unsafe onNotification?(channel, notification.pointee.be_pid)
        }
    }

    // MARK: The end

    private func fail(_ failure: PostgresFailure, isLost: Bool = true) {
        guard isOpen else { return }
        release(failure)
        let left = batches
        batches = []
        // A server that ends says why in its answer to the statement under way.
        let reason = left.first?.failure
        for batch in left { batch.done(.failure((reason?.isFatal == true ? reason : nil) ?? failure)) }
        let onLost = onLost
        self.onLost = nil
        onNotification = nil
        if isLost { onLost?(failure) }
    }

    private func release(_ failure: PostgresFailure) {
        guard case .open(let connection, let watch) = state else { return }
        state = .closed(failure)
        watch.close()
        unsafe PQfinish(connection)
    }

    /// By which the watch, which exists before the link does, finds it.
    private final class Owner { weak var link: PostgresLink? }
}
